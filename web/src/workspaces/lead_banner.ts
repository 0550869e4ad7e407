/** Whom one follows or leads, and how to do otherwise. */

import type { TemplateResult } from "lit";
import { css, html, LitElement, nothing } from "lit";
import { commands, tooltip } from "../commands";
import { icon } from "../icon";
import { store, StoreController } from "../store";
import { shared } from "../styles";
import { bannerStyles } from "../viewer/banners";
import { colourOf, personOf, unseen } from "./presence";
import type { Person } from "./types";

export class LeadBanner extends LitElement {
  static override styles = [
    shared,
    bannerStyles,
    css`
      .banner {
        border-left: 4px solid var(--colour, var(--accent));
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, ["people", "following", "leader", "leading", "absent"]);
  }

  override render(): TemplateResult | typeof nothing {
    const followed = personOf(store.get("following"));
    if (followed) return banner(whereIs(followed), "workspace.follow", "Stop", "x", followed);
    if (store.get("leading")) return banner("You lead: others see what you see", "workspace.lead", "Stop", "x");
    const leader = personOf(store.get("leader"));
    if (!leader?.presence?.leading) return nothing;
    return banner(`${leader.name} leads`, "workspace.follow", "Follow again", "eye", leader);
  }
}

function whereIs(person: Person): string {
  const problem = unseen(person);
  return problem ? `You follow ${person.name}, who looks at what cannot be seen here: ${problem}` : `You follow ${person.name}`;
}

function banner(text: string, id: string, title: string, symbol: string, person?: Person): TemplateResult {
  return html`<div class="banner" role="status" style=${person ? `--colour: ${colourOf(person)}` : nothing}><span>${text}</span>
    <button title=${tooltip(id)} @click=${() => commands.run(id)}>${icon(symbol)} ${title}</button></div>`;
}

customElements.define("toyz-lead-banner", LeadBanner);
