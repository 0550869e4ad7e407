/** The look that the parts of the account have in common. */
import { css } from "lit";
import { panelStyles } from "../panels/panel_styles";

export const accountStyles = [
  ...panelStyles,
  css`
    :host {
      display: grid;
      gap: 8px;
    }
    form,
    .fields {
      display: grid;
      gap: 8px;
    }
    label {
      display: grid;
      grid-template-columns: 12ch minmax(0, 1fr);
      align-items: center;
      gap: 8px;
    }
    li {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 36px;
      padding: 4px 0;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    li .grow {
      display: grid;
    }
    .ends {
      justify-content: flex-end;
    }
    .value {
      user-select: all;
      overflow-wrap: anywhere;
    }
  `,
];
