#version 330 core
// Runs in place of pyrender's own flat shader; the names it sets (M, V, P, inst_m) are pyrender's.

layout(location = 0) in vec3 position;
layout(location = NORMAL_LOC) in vec3 normal;
#ifdef COLOR_0_LOC
layout(location = COLOR_0_LOC) in vec4 color_0;
#endif
layout(location = INST_M_LOC) in mat4 inst_m;

uniform mat4 M;
uniform mat4 V;
uniform mat4 P;

out vec3 view_position;
out vec3 view_normal;
#ifdef COLOR_0_LOC
out vec4 vertex_color;
#endif

void main()
{
    vec4 in_view = V * M * vec4(position, 1.0);
    gl_Position = P * in_view;
    view_position = in_view.xyz;
    // Only turns and shifts reach M and V, so normals turn as the body does.
    view_normal = mat3(V * M) * normal;
#ifdef COLOR_0_LOC
    vertex_color = color_0;
#endif
}
