in vec3 lit_color;

out vec4 frag_color;

void main()
{
    frag_color = vec4(lit_color, 1.0);
}
