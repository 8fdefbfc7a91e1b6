import { computed, signal } from "@preact/signals";

/** The page is one file below any stage or prefix, so its own places are behind the #: `#/requests/ID`. */
const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

export const place = computed(() => {
  const [path = "", ...search] = hash.value.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/").map(decoded);
  return { page, rest: rest.join("/"), asked: new URLSearchParams(search.join("?")) };
});

/** As it stands where it is no encoding: an address may be typed by hand. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What the address says of a filter, so that a reload, a way back or a link that was sent to somebody shows the same. */
export const asked = (name: string, otherwise = ""): string => place.value.asked.get(name) ?? otherwise;

/** Writes filters into the address, in the place of the one before: a way back leaves the page. "" takes one away. */
export function say(filters: Record<string, string>): void {
  const [path = ""] = hash.value.split("?");
  const all = new URLSearchParams(place.value.asked);
  for (const [name, value] of Object.entries(filters)) {
    if (value) all.set(name, value);
    else all.delete(name);
  }
  const search = all.toString();
  history.replaceState(null, "", search ? `${path}?${search}` : path);
  hash.value = location.hash;
}

/** Writes what is open into the address, beside its filters. */
export function turn(rest: string): void {
  const [, ...search] = hash.value.split("?");
  history.replaceState(null, "", [to(place.value.page, rest), ...search].join("?"));
  hash.value = location.hash;
}

export const to = (page: string, rest = ""): string => `#/${page}${rest ? `/${encodeURIComponent(rest)}` : ""}`;

export function go(address: string): void {
  location.hash = address;
}
