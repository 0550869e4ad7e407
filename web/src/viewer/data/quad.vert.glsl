#version 300 es
// A tile as a parallelogram: its corner and its two edges, in clip coordinates.
uniform vec2 u_corner;
uniform vec2 u_right;
uniform vec2 u_down;
out vec2 v_place;

void main() {
  vec2 place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  v_place = place;
  gl_Position = vec4(u_corner + place.x * u_right + place.y * u_down, 0.0, 1.0);
}
