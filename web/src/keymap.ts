/** The commands of the page with their keys; `interface.md`'s habits of the hand. */

import { autoCuts, closeImage, nextColormap, nextStretch, openHdu, selectImage, setStyle, toggleNorth, viewer } from "./actions";
import type { Command } from "./commands";
import { commands } from "./commands";
import { dockCommands, followPluginPanels } from "./dock/commands";
import { mosaicCommands } from "./mosaic";
import { noteCommands } from "./notes/commands";
import { copyText } from "./panels/clipboard";
import { fileChangeCommands } from "./panels/file_commands";
import { player } from "./player/player";
import { shareUrl } from "./session";
import { regionCommands } from "./regions/commands";
import { regions } from "./regions/regions";
import { signOut } from "./sign_in";
import type { Overlays } from "./store";
import { store } from "./store";
import type { HduName, ImageInfo } from "./types";
import { historyCommands, workspaceCommands } from "./workspaces/commands";
import { togglePanel } from "./dock/handle";

const ZOOM_STEP = 1.5;
const PAN_STEP = 0.15;

const hasImage = (): boolean => store.image !== null;
const hasSeveral = (): boolean => store.get("images").length > 1;

/** Make the page's own commands known. */
export function addCommands(): void {
  commands.add(...fileCommands(), ...fileChangeCommands(), ...historyCommands(), ...workspaceCommands(), ...regionCommands(), ...noteCommands(), ...viewCommands(), ...imageCommands(), ...playerCommands(), ...pictureCommands(), ...mosaicCommands(), ...panelCommands(), ...accountCommands(), ...dockCommands());
  followPluginPanels();
}

function fileCommands(): Command[] {
  return [
    { id: "file.open", title: "Open a file", group: "File", keys: ["o"], run: () => store.set({ dialog: "files" }) },
    {
      id: "file.close",
      title: "Close the image",
      group: "File",
      when: hasImage,
      run: () => closeImage(store.get("current") as string),
    },
    {
      id: "file.link",
      title: "Copy a link to this view",
      group: "File",
      keys: ["y"],
      when: hasImage,
      run: () => void copyText(shareUrl(), "The link to this view is copied."),
    },
  ];
}

function viewCommands(): Command[] {
  const pan = (id: string, title: string, key: string, right: number, up: number): Command => ({
    id: `view.${id}`,
    title,
    group: "View",
    keys: [key],
    when: hasImage,
    repeat: true,
    run: () => viewer()?.panBy(right * PAN_STEP, up * PAN_STEP),
  });
  const zoom = (id: string, title: string, keys: string[], run: () => void): Command => ({
    id: `view.${id}`,
    title,
    group: "View",
    keys,
    when: hasImage,
    repeat: true,
    run,
  });
  return [
    zoom("fit", "Fit the image", ["0"], () => viewer()?.fit()),
    zoom("native", "Zoom to 1:1", ["1"], () => viewer()?.zoomTo(1)),
    zoom("in", "Zoom in", ["+", "="], () => viewer()?.zoomBy(ZOOM_STEP)),
    zoom("out", "Zoom out", ["-", "_"], () => viewer()?.zoomBy(1 / ZOOM_STEP)),
    pan("left", "Pan left", "ArrowLeft", -1, 0),
    pan("right", "Pan right", "ArrowRight", 1, 0),
    pan("up", "Pan up", "ArrowUp", 0, 1),
    pan("down", "Pan down", "ArrowDown", 0, -1),
    { id: "view.full", title: "Picture only", group: "View", keys: ["f"], when: hasImage, run: toggleFull },
    { id: "view.north", title: "North up", group: "View", keys: ["n"], when: hasImage, run: () => void toggleNorth() },
    overlay("minimap", "Minimap", ["m"]),
    overlay("ccds", "CCD outlines and names", ["d"]),
    overlay("compass", "Compass", []),
    overlay("scale", "Scale bar", []),
    overlay("regions", "Regions", ["R"]),
  ];
}

function overlay(name: keyof Overlays, title: string, keys: string[]): Command {
  const run = (): void => {
    const overlays = store.get("overlays");
    store.set({ overlays: { ...overlays, [name]: !overlays[name] } });
  };
  return { id: `view.${name}`, title: `Show or hide: ${title}`, group: "View", keys, when: hasImage, run };
}

function imageCommands(): Command[] {
  const step = (id: string, title: string, key: string, by: number): Command => ({
    id: `image.${id}`,
    title,
    group: "Image",
    keys: [key],
    when: hasSeveral,
    repeat: true,
    run: () => stepImage(by),
  });
  const section = (id: string, title: string, key: string, by: number): Command => ({
    id: `image.${id}`,
    title,
    group: "Image",
    keys: [key],
    when: () => neighbour(aimed(), by) !== null,
    run: () => stepSection(by),
  });
  return [
    section("previous_hdu", "Previous HDU or plane", "[", -1),
    section("next_hdu", "Next HDU or plane", "]", 1),
    step("previous", "Previous image", ",", -1),
    step("next", "Next image", ".", 1),
    { id: "image.compose", title: "Compose RGB…", group: "Image", when: hasImage, run: () => store.set({ dialog: "compose" }) },
    { id: "image.blink", title: "Blink the images", group: "Image", keys: ["b"], when: hasSeveral, run: () => player.blink() },
  ];
}

function playerCommands(): Command[] {
  const play = (id: string, title: string, run: () => void, keys: string[] = []): Command => ({
    id: `player.${id}`,
    title,
    group: "Image",
    keys,
    when: () => store.get("player") !== null,
    run,
  });
  return [
    play("toggle", "Play or pause", () => player.toggle(), [" "]),
    play("previous", "Previous frame", () => player.step(-1)),
    play("next", "Next frame", () => player.step(1)),
    play("slower", "Play slower", () => player.changeRate(-1)),
    play("faster", "Play faster", () => player.changeRate(1)),
    play("reverse", "Play forwards or backwards", () => player.reverse()),
    play("turn", "Play in a loop, or there and back", () => player.changeTurn()),
    { id: "player.files", title: "Play the files of this folder", group: "Image", when: hasImage, run: () => void player.playFiles() },
  ];
}

function pictureCommands(): Command[] {
  const picture = (id: string, title: string, keys: string[], run: () => void): Command => ({
    id: `picture.${id}`,
    title,
    group: "Picture",
    keys,
    when: hasImage,
    run,
  });
  return [
    picture("stretch", "Next stretch", ["s"], nextStretch),
    picture("colormap", "Next colormap", ["c"], nextColormap),
    picture("invert", "Invert the colours", ["i"], () => setStyle({ invert: !store.image?.style.invert })),
    picture("zscale", "Cuts: zscale", ["z"], () => void autoCuts("zscale")),
    picture("percentile", "Cuts: 99.5 percent", [], () => void autoCuts("percentile", 99.5)),
    picture("minmax", "Cuts: minimum and maximum", [], () => void autoCuts("minmax")),
    picture("tiles", "Tiles: values or JPEG", ["v"], toggleTiles),
    picture("contrast", "Reset contrast and bias", [], () => setStyle({ contrast: 1, bias: 0.5 })),
    picture("histogram", "Logarithmic or linear histogram", ["l"], () =>
      store.set({ histogramLog: !store.get("histogramLog") }),
    ),
  ];
}

function accountCommands(): Command[] {
  return [
    { id: "account.show", title: "Account: password, logins, tokens", group: "Help", keys: ["u"], run: () => store.set({ dialog: "account" }) },
    { id: "account.admin", title: "Administration: users, groups, shares, log", group: "Help", run: () => store.set({ dialog: "admin" }) },
    { id: "account.sign_out", title: "Sign out", group: "Help", run: signOut },
  ];
}

function panelCommands(): Command[] {
  const panel = (name: string, title: string, when?: () => boolean, keys: string[] = []): Command => ({
    id: `panel.${name}`,
    title,
    group: "Panels",
    keys,
    ...(when ? { when } : {}),
    run: () => togglePanel(name),
  });
  return [
    { id: "help.palette", title: "Commands, and go to a position", group: "Help", keys: ["/"], run: () => store.set({ dialog: "palette" }) },
    { id: "help.keys", title: "All keys", group: "Help", keys: ["?"], run: () => store.set({ dialog: "keys" }) },
    { id: "panel.inspector", title: "Inspector", group: "Panels", keys: ["p"], run: () => store.set({ inspector: !store.get("inspector") }) },
    {
      id: "panel.menu",
      title: "Menu",
      group: "Panels",
      when: () => store.get("narrow"),
      run: () => store.set({ menu: !store.get("menu"), rail: null }),
    },
    panel("display", "Display", hasImage),
    panel("header", "Header", hasImage, ["h"]),
    panel("statistics", "Statistics", hasImage),
    panel("images", "Images and HDUs"),
    panel("regions", "Regions", hasImage),
    panel("notes", "Notes"),
    panel("jobs", "Jobs"),
    panel("server", "Server: load, and your sessions on it", undefined, ["w"]),
    panel("log", "Log"),
    panel("plugins", "Plugins"),
    panel("settings", "Settings"),
    { id: "panel.theme", title: "Dark or light", group: "Panels", keys: ["t"], run: toggleTheme },
    { id: "help.close", title: "Close or deselect", group: "Help", keys: ["Escape"], run: escape },
  ];
}

/** Close the topmost thing that can be closed. */
function escape(): void {
  if (viewer()?.giveUp()) return;
  if (store.get("dialog")) store.set({ dialog: null });
  else if (regions.selected.size) regions.select([]);
  else if (player.pause()) return;
  else if (store.get("full")) toggleFull();
  else if (store.get("target")) store.set({ target: null });
  else if (store.get("rail") || store.get("menu")) store.set({ rail: null, menu: false });
  else if (store.get("narrow") && store.get("inspector")) store.set({ inspector: false });
}

function toggleFull(): void {
  const full = !store.get("full");
  store.set({ full });
  // A browser that refuses still gives the picture its whole window.
  if (full) document.documentElement.requestFullscreen?.().catch(() => undefined);
  else if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
}

/** Whether the theme is dark now, also where it follows the system. */
export function isDark(): boolean {
  const theme = store.get("theme");
  return theme === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

function toggleTheme(): void {
  store.set({ theme: isDark() ? "light" : "dark" });
}

/** From what is shown now to the other kind. */
function toggleTiles(): void {
  store.set({ tiles: store.get("tileKind") === "data" ? "jpeg" : "data" });
}

function stepImage(by: number): void {
  const images = store.get("images");
  const at = images.findIndex((image) => image.info.image === store.get("current"));
  const next = images[(at + by + images.length) % images.length];
  if (next) selectImage(next.info.image);
}

/** The HDU or plane that is being opened: a second press goes on from there. */
let aim: { from: string; hdu: HduName; plane: number } | null = null;

function aimed(): ImageInfo | undefined {
  const info = store.seen;
  if (!info || !aim || aim.from !== store.get("current") || !store.get("opening")) return info;
  return { ...info, hdu: aim.hdu, plane: aim.plane };
}

function stepSection(by: number): void {
  const next = neighbour(aimed(), by);
  const from = store.get("current");
  if (!next || !from) return;
  aim = { from, ...next };
  void openHdu(next.hdu, next.plane);
}

/** The plane, or else the HDU with an image, before or after the one that is shown. */
export function neighbour(info: ImageInfo | undefined, by: number): { hdu: HduName; plane: number } | null {
  if (!info) return null;
  const plane = info.plane + by;
  if (info.planes > 1 && plane >= 0 && plane < info.planes) return { hdu: info.hdu, plane };
  const shown = info.hdus.filter((hdu) => hdu.kind === "image" && !hdu.problem).map((hdu) => hdu.index);
  if (info.hdu === "mosaic") {
    const edge = by > 0 ? shown[0] : shown.at(-1);
    return edge === undefined ? null : { hdu: edge, plane: 0 };
  }
  const next = shown[shown.indexOf(info.hdu) + by];
  return next === undefined ? null : { hdu: next, plane: 0 };
}
