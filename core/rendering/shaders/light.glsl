#version 330 core
// Three fixed lights that go with the viewer, and a sky brighter than the floor: the shape reads
// from every side, and turning the body changes the shading as turning a real one would.

uniform vec3 color;

const vec3 KEY = vec3(-0.48, 0.62, 0.62);
const vec3 FILL = vec3(0.77, 0.10, 0.63);
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);
const vec3 BACK = vec3(0.35, 0.60, -0.72);

// vertex_color.a: how much of the body's colour is kept; the rest is grey.
vec3 lit(vec3 view_position, vec3 view_normal, vec4 vertex_color)
{
    vec3 n = normalize(view_normal);
    vec3 to_eye = normalize(-view_position);
    // Averaged normals of the last faces before an edge point away from the eye: no light is there.
    n = normalize(n - min(dot(n, to_eye), 0.0) * to_eye);
    vec3 albedo = mix(vec3(dot(color, LUMA)), color, vertex_color.a) * vertex_color.rgb;
    float sky = 0.5 + 0.5 * n.y;
    vec3 light = mix(vec3(0.20, 0.19, 0.20), vec3(0.36, 0.37, 0.40), sky);
    light += 0.62 * max(dot(n, KEY), 0.0) * vec3(1.0, 0.98, 0.95);
    light += 0.20 * max(dot(n, FILL), 0.0) * vec3(0.92, 0.96, 1.0);
    light += 0.22 * max(dot(n, BACK), 0.0);
    // Darker where the surface turns away: draws the outline between two limbs of one colour.
    float facing = clamp(dot(n, to_eye), 0.0, 1.0);
    light *= 0.62 + 0.38 * smoothstep(0.0, 0.55, facing);
    float shine = pow(max(dot(n, normalize(KEY + to_eye)), 0.0), 24.0) * 0.10;
    return clamp(albedo * light + shine, 0.0, 1.0);
}
