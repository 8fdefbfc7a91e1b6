import type { HTMLAttributes, TargetedInputEvent, TargetedEvent } from "preact";

interface Given {
  type?: "text" | "password" | "search" | "date" | "file";
  value?: string;
  defaultValue?: string | number | undefined;
  placeholder?: string;
  autocomplete?: string;
  accept?: string;
  spellcheck?: boolean;
  maxLength?: number;
  inputMode?: HTMLAttributes["inputMode"];
  class?: string;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
  onChange?: (event: TargetedEvent<HTMLInputElement>) => void;
  label: string;
  name: string;
  hint?: string | undefined;
  wrong?: string | null | undefined;
  unit?: string | undefined;
  wide?: boolean;
  /** Where two forms of a page have a field of the same name: which form. */
  of?: string;
}

/** A labelled input; what is wrong stands beside it and is read with it. */
export function Field({ label, name, hint, wrong, unit, wide, of = "", class: look, ...input }: Given) {
  const id = `field-${of}${name}`;
  const told = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const box = <input {...(input as object)} id={id} name={name} aria-invalid={wrong ? "true" : undefined} aria-describedby={told || undefined} />;
  return (
    <div class={`field ${wide ? "wide" : ""} ${look ?? ""}`}>
      <label for={id}>{label}</label>
      {unit ? (
        <div class="affix">
          {box}
          <span>{unit}</span>
        </div>
      ) : (
        box
      )}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {wrong && (
        <span class="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

interface Choices {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onPick: (value: string) => void;
}

export function Choice({ label, name, value, options, onPick }: Choices) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <select id={`field-${name}`} name={name} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** One of a few, all of them in sight. */
export function Segment({ label, name, value, options, onPick }: Choices) {
  return (
    <div class="field" role="radiogroup" aria-label={label}>
      <span class="label" aria-hidden="true">
        {label}
      </span>
      <div class="segment">
        {options.map(([key, text]) => (
          <label key={key}>
            <input type="radio" name={name} value={key} checked={key === value} onChange={() => onPick(key)} />
            {text}
          </label>
        ))}
      </div>
    </div>
  );
}
