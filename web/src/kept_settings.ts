/** The settings that the server keeps for the user. A reason why it does not is told once, not with every change. */

import { reportError } from "./actions";
import { settings } from "./api";
import { messageOf } from "./errors";

/** Why the last value of a setting was not kept, by the setting's key. */
const refused = new Map<string, string>();

/** Keep a setting; a failure is reported unless its reason is known already, from this setting or another. */
export async function keepSetting(key: string, value: unknown): Promise<void> {
  try {
    await settings.set(key, value);
    refused.delete(key);
  } catch (error) {
    const reason = messageOf(error);
    const known = [...refused.values()].includes(reason);
    refused.set(key, reason);
    if (!known) reportError(error, "settings");
  }
}
