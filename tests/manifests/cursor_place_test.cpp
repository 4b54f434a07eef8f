// SPDX-License-Identifier: Apache-2.0
#include "manifests/cursor_place.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::manifests {
namespace {

/// The place at the '|', as "entry spec.containers[0] im (name)".
std::string described(const CursorPlace& place)
{
    if (place.what == CursorPlace::What::None)
        return "none";
    std::string siblings;
    for (const auto& [name, value] : place.siblings)
        siblings += (siblings.empty() ? "" : " ") + name + (value.empty() ? "" : "=" + value);
    return fmt::format("{} {} '{}' ({})", place.what == CursorPlace::What::Entry ? "entry" : "value",
                       document::pathText(place.path), place.word, siblings);
}

std::string placeOf(std::string text)
{
    const auto at = text.find('|');
    text.erase(at, 1);
    return described(placeAt(text, at));
}

} // namespace

TEST(CursorPlace, isToldByIndentation)
{
    struct Row {
        std::string text, place;
    };
    const std::string head = "apiVersion: v1\nkind: Pod\n";
    for (const auto& [text, place] : std::vector<Row>{
             {"|", "entry  '' ()"},
             {"ki|", "entry  'ki' ()"},
             {head + "spec:\n  |", "entry spec '' ()"},
             {head + "spec:\n  node|\n  a: b\n", "entry spec 'node' (a=b)"},
             {head + "spec:\n  containers:\n    - name: web\n      im|", "entry spec.containers[0] 'im' (name=web)"},
             {head + "spec:\n  containers:\n  - name: web\n    im|\n    x: y\nz: 1", // items at their key's column
              "entry spec.containers[0] 'im' (name=web x=y)"},
             {head + "spec:\n  containers:\n    - name: a\n    - |", "entry spec.containers[1] '' ()"},
             {head + "spec:\n  containers:\n    - name: a\n    - na|\n      image: b",
              "entry spec.containers[1] 'na' (image=b)"},
             {head + "spec:\n  containers:\n    - name: a\n      ports:\n        - containerPort: 80\n          pro|",
              "entry spec.containers[0].ports[0] 'pro' (containerPort=80)"},
             {head + "spec:\n  restartPolicy: Al|", "value spec.restartPolicy 'Al' ()"},
             {head + "spec:\n  restartPolicy: |\n  a: b", "value spec.restartPolicy '' (a=b)"},
             {head + "spec:\n  containers:\n    - name: |", "value spec.containers[0].name '' ()"},
             {head + "spec:\n  args:\n    - one\n    - tw|", "entry spec.args[1] 'tw' ()"},
             {head + "spec:\n\n  # a comment\n\n  |\n", "entry spec '' ()"},
             {head + "metadata:\n  labels:\n    app.kubernetes.io/name: |",
              "value metadata.labels[app.kubernetes.io/name] '' ()"},
             {"---\na:\n  |", "entry a '' ()"},
             {"kind: List\nitems:\n  - kind: Pod\n  - kind: Pod\n    spec:\n      |", "entry spec '' ()"},
             {"items:\n- a: 1\n  |\nkind: PodList\n", "entry  '' (a=1)"},
             {"kind: Pod\nitems:\n- a: 1\n  |", "entry items[0] '' (a=1)"},
             {head + "data:\n  text: |-\n    key: v\xc2\xa6", "none"},
             {head + "spec: # a|", "none"},
             {head + "# a|", "none"},
             {head + "  | spec:", "none"},
         }) {
        auto shown = text;
        if (const auto bar = shown.find("\xc2\xa6"); bar != std::string::npos) { // where '|' is YAML's
            auto plain = shown;
            plain.erase(bar, 2);
            EXPECT_EQ(placeAt(plain, bar).what == CursorPlace::What::None ? "none" : "some", place) << text;
            continue;
        }
        EXPECT_EQ(placeOf(text), place) << text;
    }
}

TEST(CursorPlace, isToldBetweenBrackets)
{
    struct Row {
        std::string text, place;
    };
    const std::string head = "apiVersion: v1\nkind: Pod\n";
    for (const auto& [text, place] : std::vector<Row>{
             {head + "spec: {a|", "entry spec 'a' ()"},
             {head + "spec: {|}", "entry spec '' ()"},
             {head + "spec: {a: b, c|}", "entry spec 'c' (a=b)"},
             {head + "spec: {c|, a: b}", "entry spec 'c' (a=b)"},
             {head + "spec: {a: |, b: {c: d}}", "value spec.a '' (b)"},
             {head + "spec: {a: on|e}", "value spec.a 'on' ()"},
             {head + "spec: {containers: [{name: web, im|}]}", "entry spec.containers[0] 'im' (name=web)"},
             {head + "spec: {containers: [{name: a}, {|}]}", "entry spec.containers[1] '' ()"},
             {head + "spec: {containers: [{name: a}, |]}", "entry spec.containers[1] '' ()"},
             {head + "spec: {args: [one, tw|]}", "entry spec.args[1] 'tw' ()"},
             {head + "spec:\n  containers:\n    - {name: web, im|}\n", "entry spec.containers[0] 'im' (name=web)"},
             {head + "spec:\n  containers:\n    - name: a\n    - {na|}", "entry spec.containers[1] 'na' ()"},
             {head + "spec:\n  containers: [\n    {name: a}, # one\n    {\n      na|\n    }\n  ]\n",
              "entry spec.containers[1] 'na' ()"},
             {head + "spec: &s {a|}", "entry spec 'a' ()"},
             {head + "a: {b: [1, 2}\nspec: {c|}", "entry spec 'c' ()"}, // the bracket above is open still
             {head + "a: {b: [1, 2\nspec: {c|}", "entry spec 'c' ()"},
             {head + "a: {b: c\nspec:\n  d|", "entry spec 'd' ()"},
             {head + "a: '{'\nspec:\n  d|", "entry spec 'd' ()"},
             {head + "a: |\n  {\nspec:\n  d\xc2\xa6", "entry spec 'd' ()"},
             {"{\"kind\": \"Pod\", \"spec\": {\"node|", "entry spec 'node' ()"},
             {"{\"kind\": \"Pod\", \"spec\": {\"node|\"}}", "entry spec 'node' ()"},
             {"{\n  \"kind\": \"Pod\",\n  \"spec\": {\n    \"no|\n    \"a\": 1\n  }\n}\n", "entry spec 'no' (a=1)"},
             {"{\"spec\": {\"restartPolicy\": \"Al|\"}}", "value spec.restartPolicy 'Al' ()"},
             {head + "spec: {a: b |}", "none"},
             {head + "spec: {a |: b}", "none"},
             {head + "spec: {| a: b}", "none"},
             {head + "spec: {a: 'b'|}", "none"},
             {head + "spec: {} |", "none"},
             {head + "spec: { # a|\n}", "none"},
         }) {
        auto shown = text;
        auto bar = shown.find("\xc2\xa6"); // where '|' is YAML's
        const auto length = bar == std::string::npos ? std::size_t{1} : std::size_t{2};
        bar = bar == std::string::npos ? shown.find('|') : bar;
        shown.erase(bar, length);
        EXPECT_EQ(described(placeAt(shown, bar)), place) << text;
    }
}

TEST(CursorPlace, isFoundAtEveryByteOfAnyText)
{
    const std::string text =
        "kind: List\nitems: [{kind: Pod, a: ['}', \"]\"], b: {c: &x !y 'z'}}, # {\n{kind: B\n}]\nd: |\n  {\n";
    for (std::size_t length = 0; length <= text.size(); ++length)
        for (std::size_t at = 0; at <= length; ++at) {
            const auto place = placeAt(std::string_view(text).substr(0, length), at);
            EXPECT_LE(place.span.begin, at);
            EXPECT_LE(place.span.end, length);
        }
}

TEST(CursorPlace, knowsTheKindOfAnItem)
{
    const std::string text =
        "items:\n- kind: Pod\n  apiVersion: v1\n  metadata:\n    kind: none\n- apiVersion: apps/v1\n"
        "  kind: Deployment\n  a: b\n- kind: Secret\nkind: List\napiVersion: v1\n";
    for (const auto& [word, kind] : std::vector<std::pair<std::string, std::string>>{
             {"none", "v1 Pod"}, {"a: b", "apps/v1 Deployment"}, {"Secret", " Secret"}, {"List", "v1 List"}}) {
        const auto place = placeAt(text, text.find(word));
        EXPECT_EQ(place.apiVersion + " " + place.kind, kind) << word;
    }
    for (const auto* between : {R"({"kind": "List", "items": [{"kind": "Pod"}, {"kind": "Secret", "x": {"y": 1}}]})",
                                "kind: List\nitems: [{kind: Pod}, {x: {y: 1}, kind: Secret}]\n",
                                "kind: List\nitems:\n- kind: Pod\n- {kind: Secret, x: {y: 1}}\n",
                                "kind: List\nitems:\n- kind: Pod\n- kind: Secret\n  x: {y: 1}\n"}) {
        const std::string_view whole(between);
        const auto place = placeAt(whole, whole.find('y') + 1);
        EXPECT_EQ(place.kind, "Secret") << whole;
        EXPECT_EQ(document::pathText(place.object), "items[1]") << whole;
        EXPECT_EQ(document::pathText(place.path), "x") << whole;
    }
}

TEST(CursorPlace, knowsKindAndWhatToReplace)
{
    const std::string text = "apiVersion: apps/v1 # the version\nkind: \"Deployment\"\nspec:\n  repl: 3\n";
    const auto place = placeAt(text, text.find("repl") + 2);
    EXPECT_EQ(place.apiVersion, "apps/v1");
    EXPECT_EQ(place.kind, "Deployment");
    EXPECT_EQ(text.substr(place.span.begin, place.span.size()), "repl");
    EXPECT_TRUE(place.hasColon);
}

} // namespace keelson::manifests
