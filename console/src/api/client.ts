import { session } from "./session";

/** Where the API lies: the page is served below `<api>/console/`, at the root or under a stage's prefix. */
export const HERE = location.pathname.split("/console")[0] ?? "";
export const CONSOLE = `${HERE}/console`;
export const API = `${location.origin}${HERE}`;

/** A refusal in the customer's words. `field` is the body's field it is about, `status` 0 without an answer. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly field: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

const UNREACHED = "The gateway could not be reached. Your key is kept; check the connection and try again.";
/** A header takes no other character; what a word processor made of a quote or a dash would fail inside `fetch`. */
const SENDABLE = /^[\x21-\x7e]+$/;

export function wrongKey(key: string): string | null {
  if (key === "") return "Paste the key you were given. It begins with sk-.";
  if (!SENDABLE.test(key)) return "The key has a character that no key has, such as a curly quote or a blank. Copy it again from where you keep it.";
  return null;
}

export function credentials(key: string = session.key.value): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}

export async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  const sent: RequestInit = { method, headers: { ...credentials(), ...headers }, signal: signal ?? null, cache: "no-store" };
  if (body !== undefined) {
    sent.body = JSON.stringify(body);
    sent.headers = { ...sent.headers, "content-type": "application/json" };
  }
  let answer: Response;
  try {
    answer = await fetch(`${HERE}${path}`, sent);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(UNREACHED, 0);
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** `key` is in the place of the session's. */
export async function ask<T>(path: string, signal?: AbortSignal, key?: string): Promise<T> {
  return (await send("GET", path, undefined, key === undefined ? {} : credentials(key), signal)).json() as Promise<T>;
}

/** Saves what an address answers. */
export async function download(path: string, name: string, media = "text/csv"): Promise<void> {
  const answer = await send("GET", path, undefined, { accept: media });
  save(await answer.text(), name, media);
}

/** Saves a text as a file. */
export function save(text: string, name: string, media = "text/csv"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: media }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The CSV of every page from the first on, under one header; `whole` is false where there are more than `most` lines. */
export async function everyLine(page: (cursor: string) => string, most = Number.POSITIVE_INFINITY): Promise<{ text: string; whole: boolean }> {
  const columns: string[] = [];
  const rows: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer: Response = await send("GET", page(cursor), undefined, { accept: "text/csv" });
    const [head = [], ...found] = cells(await answer.text());
    cursor = answer.headers.get("x-next-cursor");
    // A page has no column that is empty in all of its lines, so that pages may differ.
    for (const name of head) if (!columns.includes(name)) columns.push(name);
    for (const line of found) rows.push(columns.map((name) => line[head.indexOf(name)] ?? ""));
    if (rows.length > most) return { text: lines([columns, ...rows.slice(0, most)]), whole: false };
  }
  return { text: lines([columns, ...rows]), whole: true };
}

/** RFC 4180. */
function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, inside, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(inside === undefined ? (plain ?? "") : inside.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 1 || row[0] !== "");
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const lines = (rows: string[][]): string => rows.map((row) => `${(rows[0] ?? []).map((_, at) => quoted(row[at] ?? "")).join(",")}\n`).join("");

/** Every line of what is answered in parts; the figures of all of them are in each part. */
export async function askAll<T extends { data: unknown[]; next_cursor?: string | null }>(page: (cursor: string | null) => string, signal?: AbortSignal): Promise<T> {
  const first = await ask<T>(page(null), signal);
  for (let cursor = first.next_cursor; cursor; ) {
    const more: T = await ask<T>(page(cursor), signal);
    first.data.push(...more.data);
    cursor = more.next_cursor;
  }
  return first;
}

/** Not `randomUUID`, which a page has by TLS or from this machine only. */
const random = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What was asked for and has no answer yet: a second try is the same request, and makes nothing a second time. */
const unanswered = new Map<string, string>();

export async function change<T>(method: string, path: string, body?: unknown): Promise<T> {
  const name = JSON.stringify([method, path, body, session.key.value]);
  const once = unanswered.get(name) ?? random();
  unanswered.set(name, once);
  try {
    const answer = await send(method, path, body, method === "POST" ? { "idempotency-key": once } : {});
    const text = await answer.text();
    unanswered.delete(name);
    return (text ? JSON.parse(text) : null) as T;
  } catch (error) {
    if (error instanceof Refused && error.status >= 400 && error.status < 500) unanswered.delete(name);
    throw error;
  }
}

/** Reads the errors of both protocols; a body that is neither is told by its status. */
async function refusal(answer: Response): Promise<Refused> {
  let told: { message?: unknown; param?: unknown; code?: unknown } = {};
  try {
    told = ((await answer.json()) as { error?: typeof told }).error ?? {};
  } catch {
    told = {};
  }
  const message = typeof told.message === "string" ? told.message : `The gateway answered with status ${answer.status}. Try again in a moment.`;
  const param = typeof told.param === "string" ? told.param : null;
  return new Refused(message, answer.status, param, typeof told.code === "string" ? told.code : null);
}

export function query(parts: Record<string, string | number | null | undefined>): string {
  const kept = Object.entries(parts).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}
