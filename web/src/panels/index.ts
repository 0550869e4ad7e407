/** Registers the panels' elements and starts what they share. */
import { AccountDialog } from "../account/dialog";
import { OwnLogins } from "../account/logins";
import { OwnPassword } from "../account/password";
import { OwnTokens } from "../account/tokens";
import { AdminAudit } from "../admin/audit";
import { AdminDialog } from "../admin/dialog";
import { AdminGroups } from "../admin/groups";
import { AdminSandbox } from "../admin/sandbox";
import { AdminShares } from "../admin/shares";
import { AdminQuotas } from "../admin/quotas";
import { AdminUsers } from "../admin/users";
import { commands } from "../commands";
import { startNotes } from "../notes/commands";
import { NotesPanel } from "../notes/panel";
import { RegionFiles } from "../regions/files_dialog";
import { RegionsPanel } from "../regions/panel";
import { startRegions } from "../regions/start";
import { ColormapPicker } from "./colormap_picker";
import { DisplayPanel } from "./display_panel";
import { followServerLog } from "./events";
import { FileDetail } from "./file_detail";
import { FileDialog } from "./file_dialog";
import { HeaderPanel } from "./header_panel";
import { HistogramView } from "./histogram_view";
import { ImagesPanel } from "./images_panel";
import { jobList } from "./job_list";
import { JobsPanel } from "./jobs_panel";
import { ComposeDialog } from "./compose_dialog";
import { KeysSheet } from "./keys_sheet";
import { LogPanel } from "./log_panel";
import { MosaicSettings } from "./mosaic_settings";
import { Notices } from "./notices";
import { Palette } from "./palette";
import { PlaneField } from "./plane_field";
import { places } from "./places";
import { PlayerBar } from "./player_bar";
import { PluginPanel } from "./plugin_panel";
import { PluginsPanel } from "./plugins_panel";
import { preferences } from "./preferences";
import { SchemaForm } from "./schema_form";
import { ServerPanel } from "../status/panel";
import { SettingsPanel } from "./settings_panel";
import { StatisticsPanel } from "./statistics_panel";
import { StatusLine } from "./status_line";
import { TaskForm } from "./task_form";
import { TrashView } from "./trash_view";
import { UploadList } from "../transfers/upload_list";

const ELEMENTS: Record<string, CustomElementConstructor> = {
  "toyz-account-dialog": AccountDialog,
  "toyz-admin-audit": AdminAudit,
  "toyz-admin-dialog": AdminDialog,
  "toyz-admin-groups": AdminGroups,
  "toyz-admin-sandbox": AdminSandbox,
  "toyz-admin-shares": AdminShares,
  "toyz-admin-quotas": AdminQuotas,
  "toyz-admin-users": AdminUsers,
  "toyz-own-logins": OwnLogins,
  "toyz-own-password": OwnPassword,
  "toyz-own-tokens": OwnTokens,
  "toyz-colormap-picker": ColormapPicker,
  "toyz-display-panel": DisplayPanel,
  "toyz-file-detail": FileDetail,
  "toyz-file-dialog": FileDialog,
  "toyz-trash": TrashView,
  "toyz-upload-list": UploadList,
  "toyz-header-panel": HeaderPanel,
  "toyz-histogram": HistogramView,
  "toyz-images-panel": ImagesPanel,
  "toyz-jobs-panel": JobsPanel,
  "toyz-keys-sheet": KeysSheet,
  "toyz-compose-dialog": ComposeDialog,
  "toyz-log-panel": LogPanel,
  "toyz-mosaic-settings": MosaicSettings,
  "toyz-notices": Notices,
  "toyz-palette": Palette,
  "toyz-plane-field": PlaneField,
  "toyz-plugin-panel": PluginPanel,
  "toyz-plugins-panel": PluginsPanel,
  "toyz-notes-panel": NotesPanel,
  "toyz-region-files": RegionFiles,
  "toyz-regions-panel": RegionsPanel,
  "toyz-schema-form": SchemaForm,
  "toyz-server-panel": ServerPanel,
  "toyz-settings-panel": SettingsPanel,
  "toyz-statistics-panel": StatisticsPanel,
  "toyz-player": PlayerBar,
  "toyz-status-line": StatusLine,
  "toyz-task-form": TaskForm,
};

for (const [name, element] of Object.entries(ELEMENTS)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** The first element of a name, also inside shadow roots. */
function find(name: string, root: ParentNode = document): Element | null {
  const here = root.querySelector(name);
  if (here) return here;
  for (const element of root.querySelectorAll("*")) {
    const inside = element.shadowRoot ? find(name, element.shadowRoot) : null;
    if (inside) return inside;
  }
  return null;
}

let started = false;

/** Fetch what panels share and listen to the server; does it once. */
export function startPanels(): void {
  if (started) return;
  started = true;
  followServerLog();
  startRegions();
  startNotes();
  jobList.start();
  void preferences.start();
  void places.start();
  commands.add({
    id: "panels.readout",
    title: "Say what is under the cursor",
    group: "Help",
    keys: ["r"],
    run: () => (find("toyz-status-line") as StatusLine | null)?.announce(),
  });
}

// After the modules that add the commands of the page, so that these come last.
queueMicrotask(startPanels);
