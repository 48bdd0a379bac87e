// V: mesh to OpenGL's view frame, P: projection. The light is computed for each vertex: where a
// face covers a few pixels, software OpenGL would compute it for sixteen of each.

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 color_0;

uniform mat4 V;
uniform mat4 P;

out vec3 lit_color;

void main()
{
    vec4 in_view = V * vec4(position, 1.0);
    gl_Position = P * in_view;
    // Only turns and shifts reach V, so normals turn as the body does.
    lit_color = lit(in_view.xyz, mat3(V) * normal, color_0);
}
