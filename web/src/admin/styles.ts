/** The look of the lists of the administration. */
import { css } from "lit";
import { accountStyles } from "../account/styles";

export const adminStyles = [
  ...accountStyles,
  css`
    li {
      flex-wrap: wrap;
    }
    li .grow {
      flex-basis: 16ch;
    }
    @media (max-width: 500px) {
      li .grow {
        flex-basis: 100%;
      }
    }
    .quota {
      flex-basis: 100%;
    }
    .quota label {
      grid-template-columns: 16ch minmax(0, 20ch);
    }
    .chips {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      flex-basis: 100%;
    }
    .chip {
      display: inline-flex;
      align-items: center;
      gap: 2px;
      padding-left: 8px;
      border: 1px solid var(--line);
      border-radius: 14px;
      max-width: 100%;
    }
    .chip > button {
      border: 0;
      border-radius: 14px;
    }
    .line {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    .line > input[type="text"] {
      flex: 1 1 14ch;
    }
  `,
];
