import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A modal dialog: the browser keeps the focus inside and gives it back; Escape closes. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  // Before anything else can take the focus: it goes back to where it was now.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    box.current?.showModal();
    const shown = box.current;
    return () => {
      shown?.close(); // while it is open, nothing behind it takes the focus
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={box} aria-label={title} onClose={onClose} onCancel={onClose}>
      <div>
        <div class="row end">
          <h2>{title}</h2>
          <button class="btn quiet small" type="button" onClick={onClose}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
