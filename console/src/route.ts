import { computed, signal } from "@preact/signals";

/** The page is one file below any stage or prefix, so its own places are behind the #: `#/requests/ID`. */
const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

export const place = computed(() => {
  const [path = "", search = ""] = hash.value.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/").map(decodeURIComponent);
  return { page, rest: rest.join("/"), asked: new URLSearchParams(search) };
});

export const to = (page: string, rest = ""): string => `#/${page}${rest ? `/${encodeURIComponent(rest)}` : ""}`;

export function go(address: string): void {
  location.hash = address;
}
