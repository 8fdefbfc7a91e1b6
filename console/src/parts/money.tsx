import { exact, shown } from "../money";

/** An amount to the cent, red below zero; the exact figure on hover and for a screen reader that asks. */
export function Money({ usd }: { usd: string }) {
  return (
    <data class={`num ${Number(usd) < 0 ? "bad" : ""}`} value={usd} title={exact(usd)}>
      {shown(usd)}
    </data>
  );
}
