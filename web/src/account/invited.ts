/** Who was invited came by a link that signs in once: without a password there is no second time. */
import { account } from "../api";
import { store } from "../store";

const ASKED = "toyz-password-asked";

/** Show the account to who has no password yet, once in a tab. */
export async function askForPassword(): Promise<void> {
  try {
    if (sessionStorage.getItem(ASKED) || !(await account.show()).invited) return;
    sessionStorage.setItem(ASKED, "1");
    if (store.get("dialog") === null) store.set({ dialog: "account" });
  } catch {
    // Whoever shows a token, or is not connected, is not asked.
  }
}
