// @ts-check
/** The look of the panel, on top of what panels share. */

export const STYLES = `
.lens { display: grid; gap: 14px; grid-template-columns: minmax(0, 1fr); }
.lens section, .lens figure { display: grid; gap: 8px; margin: 0; min-width: 0; }
.lens .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 8px; }
.lens .field { display: grid; gap: 2px; }
.lens input[type="number"] { width: 100%; min-width: 0; height: 28px; padding: 0 8px; border: 1px solid var(--control); border-radius: var(--radius); background: var(--ground); }
.lens .delay { display: grid; grid-template-columns: minmax(0, 1fr) 72px 72px; gap: 8px; align-items: center; }
.lens .delays { display: grid; gap: 6px; }
.lens .marks li { display: flex; align-items: center; gap: 8px; min-height: 28px; padding: 0 4px; border-radius: var(--radius); }
.lens .marks li[aria-current="true"] { background: var(--selected); }
.lens .marks svg { flex: none; }
.lens .marks .pick { flex: 1; min-width: 0; justify-content: flex-start; text-align: left; white-space: normal; height: auto; min-height: 28px; }
.lens .doubts { display: grid; gap: 6px; }
.lens .doubts li { padding-left: 10px; border-left: 3px solid var(--warn); }
.lens .doubts li.bad { border-left-color: var(--bad); }
.lens .facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 2px 12px; margin: 0; }
.lens .facts dd { margin: 0; overflow-wrap: anywhere; }
.lens figcaption { font-weight: 600; }
.lens table { border-collapse: collapse; width: 100%; font-size: 12px; }
.lens th, .lens td { text-align: left; padding: 3px 4px; border-bottom: 1px solid var(--line); font-weight: 400; }
.lens thead th { color: var(--muted); }
.lens .readings { display: grid; gap: 10px; }
.lens progress { width: 100%; height: 6px; accent-color: var(--accent); }
`;
