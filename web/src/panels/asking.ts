/** What asks the server for something at the press of a button: one thing at a time, and what goes wrong is said. */
import type { LitElement, ReactiveController } from "lit";
import { messageOf } from "../errors";
import { keepingFocus } from "./kept_focus";

export class Asking implements ReactiveController {
  private asked = false;
  private said = "";

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostConnected(): void {
    // It only has the host drawn anew.
  }

  /** Whether an answer is awaited. */
  get busy(): boolean {
    return this.asked;
  }

  /** What went wrong; empty if nothing did. */
  get problem(): string {
    return this.said;
  }

  set problem(text: string) {
    this.said = text;
    this.host.requestUpdate();
  }

  /** Do something with the server; nothing happens while something else is done. */
  async act(work: () => Promise<unknown>): Promise<void> {
    if (this.asked) return;
    await keepingFocus(this.host, async () => {
      this.asked = true;
      this.problem = "";
      try {
        await work();
      } catch (error) {
        this.said = messageOf(error);
      } finally {
        this.asked = false;
        this.host.requestUpdate();
      }
    });
  }
}
