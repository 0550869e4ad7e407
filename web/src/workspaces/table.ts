/** A part of the workspace that is a table: values under ids, each an entry `prefix/id`. */

import type { Json } from "../types";
import { history } from "./history";
import type { Entries, Part } from "./parts";

export abstract class Table<T> implements Part {
  protected readonly table = new Map<string, T>();
  private readonly listeners = new Set<() => void>();
  private saving: (label?: string) => void = () => undefined;

  constructor(readonly prefix: string) {}

  /** The value that an entry is; null if it is none. */
  protected abstract read(value: Json): T | null;

  /** Called whenever the table has changed, before anybody is told. */
  protected altered(): void {
    // Most keep nothing beside the table.
  }

  entries(): Entries {
    return Object.fromEntries([...this.table].map(([id, value]) => [`${this.prefix}/${id}`, value as unknown as Json]));
  }

  apply(key: string, value: Json | null): void {
    const id = key.slice(this.prefix.length + 1);
    const read = value === null ? null : this.read(value);
    if (read === null) this.table.delete(id);
    else this.table.set(id, read);
    this.altered();
    this.tell();
  }

  onChange(changed: (label?: string) => void): () => void {
    this.saving = changed;
    return () => (this.saving = () => undefined);
  }

  /** Be told of any change. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Save a change as a step of its own. */
  protected changed(label: string): void {
    history.seal();
    this.altered();
    this.saving(label);
    history.seal();
    this.tell();
  }

  /** Save a change; with those before it that have the same label it is one step. */
  protected continued(label: string): void {
    this.altered();
    this.saving(label);
    this.tell();
  }

  protected tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
