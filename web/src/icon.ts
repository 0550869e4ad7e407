/** Icons of the Lucide set, 16 px, drawn as SVG in the colour of the text. */

import type { TemplateResult } from "lit";
import { svg, html } from "lit";
import type { IconNode } from "lucide";
import {
  Activity,
  AppWindow,
  ArrowLeft,
  ArrowLeftRight,
  ArrowRight,
  ArrowUp,
  Bookmark,
  Check,
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  ChartColumn,
  CircleAlert,
  CircleCheck,
  Clock,
  Contrast,
  Copy,
  Crosshair,
  Eye,
  EyeOff,
  File,
  FileImage,
  Folder,
  FolderOpen,
  Grid3x3,
  HardDrive,
  Info,
  Keyboard,
  Layers,
  Link,
  ListTree,
  Map as MapIcon,
  Maximize,
  Menu,
  Minus,
  Moon,
  PanelRight,
  Pause,
  Play,
  Plus,
  Puzzle,
  Repeat,
  RotateCcw,
  ScrollText,
  Images,
  Search,
  Server,
  Settings,
  Star,
  StepBack,
  StepForward,
  Sun,
  Table,
  TriangleAlert,
  LogOut,
  User,
  X,
} from "lucide";

const ICONS: Record<string, IconNode> = {
  activity: Activity,
  "app-window": AppWindow,
  "arrow-left": ArrowLeft,
  "arrow-left-right": ArrowLeftRight,
  "arrow-right": ArrowRight,
  "arrow-up": ArrowUp,
  bookmark: Bookmark,
  check: Check,
  "chevron-down": ChevronDown,
  "chevron-left": ChevronLeft,
  "chevron-right": ChevronRight,
  "chart-column": ChartColumn,
  "circle-alert": CircleAlert,
  "circle-check": CircleCheck,
  clock: Clock,
  contrast: Contrast,
  copy: Copy,
  crosshair: Crosshair,
  eye: Eye,
  "eye-off": EyeOff,
  file: File,
  "file-image": FileImage,
  folder: Folder,
  "folder-open": FolderOpen,
  "grid-3x3": Grid3x3,
  "hard-drive": HardDrive,
  images: Images,
  info: Info,
  keyboard: Keyboard,
  layers: Layers,
  link: Link,
  "list-tree": ListTree,
  "log-out": LogOut,
  map: MapIcon,
  maximize: Maximize,
  menu: Menu,
  minus: Minus,
  moon: Moon,
  "panel-right": PanelRight,
  pause: Pause,
  play: Play,
  plus: Plus,
  puzzle: Puzzle,
  repeat: Repeat,
  "rotate-ccw": RotateCcw,
  "scroll-text": ScrollText,
  search: Search,
  server: Server,
  settings: Settings,
  star: Star,
  "step-back": StepBack,
  "step-forward": StepForward,
  sun: Sun,
  table: Table,
  "triangle-alert": TriangleAlert,
  user: User,
  x: X,
};

/** Draw an icon; an unknown name gives the puzzle piece of a plugin. Decorative: name the control itself. */
export function icon(name: string, size = 16): TemplateResult {
  const node = ICONS[name] ?? Puzzle;
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${node.map(shape)}</svg>`;
}

function shape([tag, attributes]: IconNode[number]): TemplateResult {
  const a = attributes;
  if (tag === "path") return svg`<path d=${a["d"]}></path>`;
  if (tag === "circle") return svg`<circle cx=${a["cx"]} cy=${a["cy"]} r=${a["r"]}></circle>`;
  if (tag === "line") return svg`<line x1=${a["x1"]} y1=${a["y1"]} x2=${a["x2"]} y2=${a["y2"]}></line>`;
  if (tag === "ellipse") return svg`<ellipse cx=${a["cx"]} cy=${a["cy"]} rx=${a["rx"]} ry=${a["ry"]}></ellipse>`;
  if (tag === "polyline") return svg`<polyline points=${a["points"]}></polyline>`;
  if (tag === "polygon") return svg`<polygon points=${a["points"]}></polygon>`;
  return svg`<rect x=${a["x"]} y=${a["y"]} width=${a["width"]} height=${a["height"]} rx=${a["rx"] ?? 0}></rect>`;
}
