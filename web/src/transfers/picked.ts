/** Files that were picked or dropped, with those in folders. */

export interface Picked {
  file: File;
  /** `name`, or `folder/name` of what lies in a folder that was picked. */
  relative: string;
}

/** What a field for files holds. */
export function pickedIn(input: HTMLInputElement): Picked[] {
  return [...(input.files ?? [])].map((file) => ({ file, relative: file.webkitRelativePath || file.name }));
}

/** What was dropped: files, and all that is in folders. */
export async function droppedIn(transfer: DataTransfer): Promise<Picked[]> {
  // The entries are gone as soon as this function has waited for anything.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  if (entries.every((entry) => entry === null)) return files.map((file) => ({ file, relative: file.name }));
  const found = await Promise.all(entries.filter((entry) => entry !== null).map((entry) => inEntry(entry, "")));
  return found.flat();
}

async function inEntry(entry: FileSystemEntry, folder: string): Promise<Picked[]> {
  const relative = `${folder}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, relative }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await inEntry(inner, `${relative}/`)));
  }
}
