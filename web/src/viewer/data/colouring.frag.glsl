// The colours of a tile, pixel by pixel. Before this come the version and: BANDS (1 or 3), CODES where
// the samples are 16-bit codes, and SOFTENING, that of Lupton's stretch.
precision highp float;
precision highp int;

#ifdef CODES
#define SAMPLER highp usampler2D
#define BASE int
#else
#define SAMPLER highp sampler2D
#define BASE float
#endif

uniform SAMPLER u_samples[BANDS];
// A sample's position in the table is (sample − base) · slope + offset: the base is near the low
// cut, so that what matters is not lost in the rounding of large products.
uniform BASE u_base[BANDS];
uniform float u_slope[BANDS];
uniform float u_offset[BANDS];
// The highest position: the table's last, or far beyond it for Lupton's stretch of three bands.
uniform float u_top;
uniform bool u_lupton;
uniform sampler2D u_table;
uniform vec4 u_bad;
out vec4 colour;

const float NOWHERE = -1.0;
const float LAST = 4095.0;

float position(SAMPLER samples, ivec2 at, BASE base, float slope, float offset) {
#ifdef CODES
  uint code = texelFetch(samples, at, 0).r;
  if (code == 65535u) return NOWHERE;
  return clamp(float(int(code) - base) * slope + offset, 0.0, u_top);
#else
  float value = texelFetch(samples, at, 0).r;
  if (isnan(value)) return NOWHERE;
  return clamp((value - base) * slope + offset, 0.0, u_top);
#endif
}

vec4 entry(float position) {
  return texelFetch(u_table, ivec2(int(position), 0), 0);
}

// Of what is not negative. The function of the language may be coarse on some hardware.
float arsinh(float x) {
  return log(x + sqrt(x * x + 1.0));
}

// See toyz_tiles.stretch: all three are multiplied by the same, so that the colour stays.
vec3 lupton(vec3 positions) {
  vec3 v = max((positions - 0.5) / LAST, 0.0);
  float intensity = (v.r + v.g + v.b) / 3.0;
  float whole = arsinh(SOFTENING);
  v *= intensity > 0.0 ? arsinh(SOFTENING * intensity) / (whole * intensity) : SOFTENING / whole;
  v /= max(1.0, max(v.r, max(v.g, v.b)));
  return min(v * LAST + 0.5, LAST);
}

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
#if BANDS == 1
  float found = position(u_samples[0], at, u_base[0], u_slope[0], u_offset[0]);
  colour = found == NOWHERE ? u_bad : entry(found);
#else
  float red = position(u_samples[0], at, u_base[0], u_slope[0], u_offset[0]);
  float green = position(u_samples[1], at, u_base[1], u_slope[1], u_offset[1]);
  float blue = position(u_samples[2], at, u_base[2], u_slope[2], u_offset[2]);
  bool bad = red == NOWHERE || green == NOWHERE || blue == NOWHERE;
  vec3 found = vec3(red, green, blue);
  if (u_lupton) found = lupton(found);
  colour = bad ? u_bad : vec4(entry(found.r).r, entry(found.g).r, entry(found.b).r, 1.0);
#endif
}
