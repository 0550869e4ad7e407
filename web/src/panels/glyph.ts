/** Icons that only the panels use, from the same set as `icon.ts`. */
import { guard } from "lit/directives/guard.js";
import type { IconNode } from "lucide";
import {
  ArrowRight, ArrowUpDown, Ban, ChevronLeft, ChevronUp, CircleStop, Database, Download, FileQuestion, FolderInput, FolderPlus, FolderUp,
  Images, Pencil, Play, Recycle, RefreshCw, Trash2, Upload,
  createElement,
} from "lucide";

const GLYPHS = {
  "arrow-right": ArrowRight,
  "arrow-up-down": ArrowUpDown,
  ban: Ban,
  "chevron-left": ChevronLeft,
  "chevron-up": ChevronUp,
  "circle-stop": CircleStop,
  database: Database,
  download: Download,
  "folder-input": FolderInput,
  "folder-plus": FolderPlus,
  "folder-up": FolderUp,
  pencil: Pencil,
  recycle: Recycle,
  upload: Upload,
  "file-question": FileQuestion,
  images: Images,
  play: Play,
  "refresh-cw": RefreshCw,
  "trash-2": Trash2,
} satisfies Record<string, IconNode>;

/** Draw an icon; decorative, so the control around it must have a name. */
export function glyph(name: keyof typeof GLYPHS, size = 16): unknown {
  const attributes = { width: size, height: size, class: "icon", "stroke-width": 1.75, "aria-hidden": "true" };
  return guard([name, size], () => createElement(GLYPHS[name], attributes));
}
