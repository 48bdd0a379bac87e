in vec3 view_position;
in vec3 view_normal;
in vec4 vertex_color;

out vec4 frag_color;

void main()
{
    frag_color = vec4(lit(view_position, view_normal, vertex_color), 1.0);
}
