// SPDX-License-Identifier: Apache-2.0
#include "manifests/cursor_place.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::manifests {
namespace {

/// The place at the '|', as "entry spec.containers[0] im (name)".
std::string placeOf(std::string text)
{
    const auto at = text.find('|');
    text.erase(at, 1);
    const auto place = placeAt(text, at);
    if (place.what == CursorPlace::What::None)
        return "none";
    std::string siblings;
    for (const auto& [name, value] : place.siblings)
        siblings += (siblings.empty() ? "" : " ") + name + (value.empty() ? "" : "=" + value);
    return fmt::format("{} {} '{}' ({})", place.what == CursorPlace::What::Entry ? "entry" : "value",
                       document::pathText(place.path), place.word, siblings);
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
             {head + "spec: {a|", "none"},
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
