import { useSignal } from "@preact/signals";

/** Copies, and says that it did. */
export function Copy({ text, what }: { text: string; what: string }) {
  const done = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      done.value = "Copied";
    } catch {
      done.value = "Select and copy by hand";
    }
    setTimeout(() => (done.value = ""), 2000);
  };
  return (
    <button class="btn small" type="button" onClick={copy} aria-label={`Copy ${what}`}>
      <span aria-live="polite">{done.value || "Copy"}</span>
    </button>
  );
}

export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} role="group" aria-label={what}>
        <code>{text}</code>
      </pre>
      <Copy text={text} what={what} />
    </div>
  );
}
