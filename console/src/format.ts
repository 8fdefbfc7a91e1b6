const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const dayOnly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export const count = (value: number): string => whole.format(value);
/** `128K`, `1.2M`. */
export const brief = (value: number): string => short.format(value);
export const clock = (value: string | number): string => moment.format(new Date(value));
export const date = (value: string | number): string => day.format(new Date(value));
/** `31 Oct`. */
export const brieflyDated = (value: string): string => dayOnly.format(new Date(value));

export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return "–";
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** "cache read" for `cache_read`. */
export const words = (name: string): string => name.replaceAll("_", " ");

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

export function initial(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
