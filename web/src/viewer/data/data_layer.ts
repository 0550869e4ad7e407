/**
 * An image whose tiles are values: cuts, stretch and colours are done here, so that a change of
 * them fetches nothing, unless a rounding step would show.
 */

import { images } from "../../api";
import { socket } from "../../socket";
import type { FrameInfo, Style } from "../../types";
import type { Point, TileIndex } from "../geometry";
import type { ImageLayerOptions, Reading, Surfaces } from "../image_layer";
import type { Drawn, Look } from "../layer";
import { pyramidOf, TileLayer } from "../layer";
import { lineSpeed } from "../tile_kind";
import { TiledLayer } from "../tiled_layer";
import { coloursOf, loadColours } from "./colours";
import { DataTile } from "./data_tile";
import { decoder } from "./decoder";
import type { Lookup } from "./lookup";
import { lookupOf } from "./lookup";
import { painted } from "./painted";

/** The largest rounding step that is asked for; 0 leaves it to the noise. */
type Precision = number;

export class DataLayer extends TiledLayer<DataTile, Precision> {
  readonly kind = "data";
  private readonly info: FrameInfo;
  private precision: Precision;
  private made: Lookup | null = null;
  private quantiles: Float64Array | null = null;
  private prepared = false;
  /** The quantiles have come, or could not be had. */
  private settled = false;
  private small: { of: DataTile; lookup: Lookup; canvas: OffscreenCanvas } | null = null;

  constructor(private readonly options: ImageLayerOptions) {
    const { info, style, like, changed, failed } = options;
    const precision = like instanceof DataLayer ? like.precision : 0;
    const tiles = new TileLayer<DataTile, Precision>({
      pyramid: pyramidOf(info),
      style: precision,
      styleKey: String,
      fetch: (tile, quantum, priority, signal) => fetchTile(info.image, tile, quantum, priority, signal),
      changed,
      failed,
    });
    super(tiles, style);
    this.info = info;
    this.precision = precision;
    if (needsMore(style)) this.prepare();
  }

  get overview(): OffscreenCanvas | null {
    const tile = this.tiles.overview;
    if (!tile) return null;
    const { lookup } = this;
    if (this.small?.of !== tile || this.small.lookup !== lookup) this.small = { of: tile, lookup, canvas: painted(tile, lookup) };
    return this.small.canvas;
  }

  setStyle(style: Style): void {
    this.style = style;
    this.made = null;
    if (needsMore(style)) this.prepare();
    this.options.changed();
  }

  override refresh(level: number): void {
    this.prepared = false; // the sample is another too
    super.refresh(level);
  }

  paint({ gl }: Surfaces, look: Look): void {
    const drawn = this.tiles.look(look);
    gl?.draw(drawn, look.transform, look.density, this.lookup);
    if (this.tiles.loading > 0 || drawn.length === 0) return;
    if (!look.passing) this.prepare();
    this.refine(drawn);
  }

  override foresee(look: Look, urgency: number | null): boolean {
    const ready = super.foresee(look, urgency);
    if (this.style.stretch !== "histogram" || this.settled) return ready;
    if (urgency !== null) this.prepare();
    return false;
  }

  read({ x, y }: Point): Reading | null {
    const { levels, width, height } = this.info;
    if (x < 0 || y < 0 || x >= width || y >= height) return null;
    for (let level = 0; level < levels; level++) {
      const span = this.info.tile_size * 2 ** level;
      const tile = this.tiles.held({ level, x: Math.floor(x / span), y: Math.floor(y / span) });
      if (!tile) continue;
      const within = (place: number): number => Math.floor((place % span) / 2 ** level);
      const values = Array.from({ length: tile.data.bands }, (_, band) => tile.value(within(x), within(y), band));
      return { values, approximate: level > 0 || tile.step > 0 };
    }
    return null;
  }

  private get lookup(): Lookup {
    const colours = this.info.channels > 1 ? null : coloursOf(this.style.colormap);
    return (this.made ??= lookupOf(this.style, colours, this.quantiles, this.info.channels));
  }

  /** Have at hand what other styles need, once the tiles are here. */
  private prepare(): void {
    if (this.prepared) return;
    this.prepared = true;
    const changed = (): void => {
      this.made = null;
      this.options.changed();
    };
    loadColours().then(changed, this.options.failed);
    images
      .quantiles(this.info.image)
      .then((quantiles) => (this.quantiles = quantiles), this.options.failed)
      .finally(() => {
        this.settled = true;
        changed();
      });
  }

  /** Ask for finer tiles if most of those in sight are rounded so that it shows. */
  private refine(drawn: readonly Drawn<DataTile>[]): void {
    const step = this.lookup.greyStep;
    const coarse = drawn.filter(({ bitmap }) => bitmap.step > step);
    if (2 * coarse.length <= drawn.length) return;
    // In powers of two, so that the next small change of contrast asks for nothing.
    const wanted = 2 ** Math.floor(Math.log2(step));
    if (!Number.isFinite(wanted) || wanted <= 0 || (this.precision > 0 && wanted >= this.precision)) return;
    this.precision = wanted;
    this.tiles.setStyle(wanted);
  }
}

/** Whether a style cannot be shown with what is known from the first. */
function needsMore({ stretch, colormap }: Style): boolean {
  return stretch === "histogram" || (colormap !== "gray" && coloursOf(colormap) === null);
}

async function fetchTile(
  image: string,
  tile: TileIndex,
  quantum: Precision,
  priority: number,
  signal: AbortSignal,
): Promise<DataTile> {
  const address = { image, ...tile, ...(quantum > 0 ? { quantum } : {}) };
  const { payload } = await socket.requestData(address, priority, signal);
  lineSpeed.came(payload.length);
  return new DataTile(await decoder.decode(payload));
}
