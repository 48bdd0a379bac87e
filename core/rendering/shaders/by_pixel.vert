// V: mesh to OpenGL's view frame, P: projection. The light is computed for each pixel.

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 color_0;

uniform mat4 V;
uniform mat4 P;

out vec3 view_position;
out vec3 view_normal;
out vec4 vertex_color;

void main()
{
    vec4 in_view = V * vec4(position, 1.0);
    gl_Position = P * in_view;
    view_position = in_view.xyz;
    // Only turns and shifts reach V, so normals turn as the body does.
    view_normal = mat3(V) * normal;
    vertex_color = color_0;
}
