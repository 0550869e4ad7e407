/** What a plugin keeps in the workspace: values under ids, saved, undone and shared as all else there. */

import type { Json } from "../types";
import { parts } from "../workspaces/parts";
import { Table } from "../workspaces/table";

/** Reads a value that may come from anybody; null (or an error) if it is none. */
export type ReadValue<T> = (value: Json) => T | null;

const NAME = /^[a-z][a-z0-9_]{0,31}$/;

export class PluginTable<T> extends Table<T> {
  constructor(
    plugin: string,
    name: string,
    private readonly reader: ReadValue<T>,
  ) {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a table: lower case letters, digits and underscores`);
    super(`plugin/${plugin}.${name}`);
  }

  protected override read(value: Json): T | null {
    try {
      return this.reader(value);
    } catch {
      return null;
    }
  }

  get ids(): string[] {
    return [...this.table.keys()].sort();
  }

  get(id: string): T | undefined {
    return this.table.get(id);
  }

  /** Keep a value, or with null none, as a step that is undone under this name. */
  set(label: string, id: string, value: T | null): void {
    this.put(id, value);
    this.changed(label);
  }

  /** The same in the course of something, as a drag: all of it is one step, which `set` ends. */
  draft(label: string, id: string, value: T | null): void {
    this.put(id, value);
    this.continued(label);
  }

  private put(id: string, value: T | null): void {
    if (id === "" || id.includes("/")) throw new Error(`${JSON.stringify(id)} is no id`);
    if (value === null) this.table.delete(id);
    else this.table.set(id, value);
  }
}

/** Make a table known to the workspace. Returns it and the function that takes it away; what is in it stays in the workspace. */
export function addTable<T>(plugin: string, name: string, read: ReadValue<T>): [PluginTable<T>, () => void] {
  const table = new PluginTable(plugin, name, read);
  return [table, parts.add(table)];
}
