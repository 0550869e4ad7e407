#version 300 es
// All that is drawn to: half of a square of twice its size.
void main() {
  gl_Position = vec4(4.0 * vec2(gl_VertexID & 1, gl_VertexID >> 1) - 1.0, 0.0, 1.0);
}
