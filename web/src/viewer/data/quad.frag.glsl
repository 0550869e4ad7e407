#version 300 es
// A tile that has its colours. Smooth or in squares: the sampler says.
precision highp float;
uniform sampler2D u_picture;
in vec2 v_place;
out vec4 colour;

void main() {
  colour = texture(u_picture, v_place);
}
