import { describe, expect, it } from "vitest";
import { Clock } from "./clock";

/** Show a frame at each refresh of a screen at which one is due and ready; give the times. */
function played(clock: Clock, { refresh = 1000 / 60, until = 3000, ready = (_: number): boolean => true } = {}): number[] {
  const shown: number[] = [];
  clock.start(0);
  for (let now = 0; now < until; now += refresh) {
    if (!clock.isDue(now) || !ready(now)) continue;
    clock.tick(now);
    shown.push(now);
  }
  return shown;
}

describe("the clock", () => {
  it.each([1, 7, 10, 24, 30])("shows %i frames a second", (rate) => {
    expect(Math.abs(played(new Clock(rate)).length - 3 * rate)).toBeLessThanOrEqual(1);
  });

  it("says how many there are", () => {
    const clock = new Clock(10);
    played(clock);
    expect(Math.round(clock.achieved(3000) as number)).toBe(10);
  });

  it("says less where frames come late, and does not catch up in haste", () => {
    const clock = new Clock(10);
    const shown = played(clock, { ready: (now) => now % 250 < 17 });
    expect(Math.round(clock.achieved(3000) as number)).toBe(4);
    const gaps = shown.slice(1).map((time, i) => time - (shown[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThan(49);
  });

  it("knows that a frame waits", () => {
    const clock = new Clock(10);
    played(clock, { until: 1000 });
    expect(clock.achieved(5000) as number).toBeLessThan(3);
  });

  it("says nothing before there is something to say", () => {
    const clock = new Clock(10);
    clock.start(0);
    expect(clock.achieved(50)).toBeNull();
  });

  it("takes another rate at once", () => {
    const clock = new Clock(1);
    clock.start(0);
    clock.rate = 20;
    clock.tick(1000);
    expect(clock.isDue(1040)).toBe(false);
    expect(clock.isDue(1060)).toBe(true);
  });
});
