// One flat colour, without light: label maps are read back from it.

out vec4 frag_color;

void main()
{
    frag_color = vec4(color, 1.0);
}
