/** Amounts are decimal strings in USD, exact; nothing here computes with them beyond what is shown. */

const CENT = 0.01;

/** `-$85.00`; below a cent the first two digits that are not zero: `$0.000021`. */
export function shown(amount: string): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return amount;
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  if (size === 0 || size >= CENT) return `${sign}$${grouped(size.toFixed(2))}`;
  return `${sign}$${plain(Number(size.toPrecision(2)))}`;
}

/** `-$85.0000111`: each digit that is stored. */
export function exact(amount: string): string {
  return amount.startsWith("-") ? `-$${amount.slice(1)}` : `$${amount}`;
}

/** A price: at least cents, and never rounded. */
export function price(amount: string | undefined): string {
  if (amount === undefined) return "";
  const [whole = "0", cents = ""] = amount.split(".");
  return `$${grouped(whole)}.${cents.padEnd(2, "0")}`;
}

/** A decimal without an exponent. */
function plain(value: number): string {
  return value.toFixed(12).replace(/0+$/, "").replace(/\.$/, "");
}

function grouped(digits: string): string {
  return digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
}

/** What a form takes: a plain amount above zero, with up to nine decimals. */
export function wrongAmount(text: string): string | null {
  const said = text.trim();
  if (said === "") return null;
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(said)) return "Write an amount in US dollars, such as 25 or 12.50.";
  return Number(said) > 0 ? null : "The amount must be above zero. Leave the field empty for no limit.";
}
