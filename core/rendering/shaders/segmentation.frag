#version 330 core
// One flat colour, without light: label maps are read back from it.

uniform vec3 color;
out vec4 frag_color;

void main()
{
    frag_color = vec4(color, 1.0);
}
