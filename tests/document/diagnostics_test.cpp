// SPDX-License-Identifier: Apache-2.0
#include "document/diagnostics.h"
#include "document/manifest_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::document {

namespace {

std::vector<Diagnostic> found(const std::string& text)
{
    return diagnose(text, Tree::read(text), Kinds());
}

/// "3:5 code: message", lines and columns from 1.
std::string shown(const std::string& text)
{
    std::string out;
    for (const auto& one : found(text))
        out += fmt::format("{}{}:{} {}", out.empty() ? "" : "\n", one.line + 1, one.column + 1, one.code);
    return out;
}

const std::string pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

} // namespace

TEST(Diagnostics, sayWhereAndWhat)
{
    EXPECT_EQ(shown(pod + "spec:\n  containers: [{name: a, image: b}]\n"), "");
    EXPECT_EQ(shown(pod + "spec:\n  contaners: []\n"), "4:1 invalid\n5:3 unknown-field");
    EXPECT_EQ(shown(pod + "spec:\n  containers: [{name: a, image: b}]\n  nodeName: n\n  nodeName: m\n"),
              "7:3 duplicate-key");
    EXPECT_EQ(shown("kind: Pod\n"), "1:1 no-api-version");
    EXPECT_EQ(shown("apiVersion: v1\nkind: Pood\nmetadata: {name: a}\n"), "2:7 unknown-kind");
    EXPECT_EQ(shown("apiVersion: v1\nkind: Deployment\nmetadata: {name: a}\n"), "1:13 wrong-version");
    EXPECT_EQ(shown("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  serviceName: a\n"
                    "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n"
                    "      containers:\n      - {name: a, image: b, volumeMounts: [{name: data, mountPath: /data}]}\n"
                    "      - {name: c, image: b, volumeMounts: [{name: none, mountPath: /none}]}\n"
                    "  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], "
                    "resources: {requests: {storage: 1Gi}}}}]\n"),
              "12:51 invalid");
    EXPECT_EQ(shown("- a\n"), "1:1 no-object");
    EXPECT_EQ(shown("just text"), "1:1 no-object");
    EXPECT_EQ(shown("a: &x [*x]\n"), "1:8 cyclic-alias");
    EXPECT_EQ(shown(""), "");
}

TEST(Diagnostics, holdTheItemsOfAListToTheirOwnKinds)
{
    const std::string list = "apiVersion: v1\nkind: List\nitems:\n";
    const std::string settings = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n";
    EXPECT_EQ(shown(list + settings + "  data: {a: b}\n"), "");
    EXPECT_EQ(shown(list + settings + "- kind: Pod\n  apiVersion: v1\n  metadata: {name: a}\n  spec:\n" +
                    "    hostNetwork: 'true'\n    contaners: []\n"),
              "11:18 wrong-type\n12:5 unknown-field");
    EXPECT_EQ(shown(list + settings + "  data: [a]\n" + settings + "  dat: {}\n"),
              "7:3 wrong-type\n11:3 unknown-field");
    EXPECT_EQ(shown(list + "- kind: Pod\n- {kind: Service, apiVersion: apps/v1}\n- {kind: Pood, apiVersion: v1}\n"),
              "4:1 no-api-version\n5:31 wrong-version\n6:10 unknown-kind");
    EXPECT_EQ(shown(list + "- {kind: ConfigMap, apiVersion: v1}\n- {kind: List, apiVersion: v1, items: [{kind: Secret, "
                           "apiVersion: v1, metadata: {name: a}, dat: {}}]}\n"),
              "4:1 no-name\n5:92 unknown-field");
    EXPECT_EQ(shown(list + settings + "spec: {}\n"), "7:1 unknown-field");
    EXPECT_EQ(shown("kind: List\nitems:\n" + settings), "1:1 no-api-version");
    EXPECT_EQ(shown("apiVersion: v1\nkind: ConfigMapList\nmetadata: {resourceVersion: \"1\"}\nitems:\n" + settings +
                    "  data: [a]\n"),
              "8:3 wrong-type");
    const auto same = list + settings + "  data: {a: 1}\n" + settings + "  data: {a: 1}\n";
    EXPECT_EQ(shown(same), "7:13 wrong-type\n11:13 wrong-type") << "the same is wrong in each of them";
    EXPECT_EQ(found(same).front().message, "data.a: a text is wanted, not a number");
}

TEST(Diagnostics, findTabsAndControlCharacters)
{
    EXPECT_THAT(shown("a:\n\tb: 1\n"), testing::HasSubstr("2:1 tab"));
    EXPECT_THAT(shown("a: \x01\n"), testing::HasSubstr("1:4 control-character"));
    EXPECT_EQ(shown("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  a: |\n    x\n    \tTab in text\n"),
              "");
}

TEST(Diagnostics, surviveWhatIsNoManifest)
{
    EXPECT_THAT(shown("a: [1, 2\nb: 3\n"), testing::HasSubstr("syntax"));
    EXPECT_THAT(shown(std::string(300, '[') + std::string(300, ']')), testing::HasSubstr("syntax"));
    EXPECT_THAT(shown(std::string(100'000, '{')), testing::HasSubstr("syntax"));
    EXPECT_THAT(shown("b: *nowhere\n"), testing::HasSubstr("syntax"));
    EXPECT_THAT(shown("kind: A\napiVersion: v1\nx: " + std::string(api::documentBytesMax, 'x')),
                testing::HasSubstr("too-large"));
    EXPECT_THAT(shown(std::string("\0\x04\xff", 3)), testing::HasSubstr("control-character"));
}

TEST(Diagnostics, nameAMistakeOfSyntaxWithItsCure)
{
    struct Row {
        std::string text, place, message, advice;
    };
    const std::string notClosed = "is never closed";
    for (const auto& [text, place, message, advice] : std::vector<Row>{
             {"a: [1, 2\nb: 3\n", "1:4", "The [ that opens here " + notClosed, "Close it with ]"},
             {"a: [{c: 1}, {b: 1\nc: 2\n", "1:13", "The { that opens here " + notClosed, "Close it with }"},
             {"a: 'b'\nc: \"x\nd: 3\n", "2:4", "The quote that opens here " + notClosed, "another \"; until then"},
             {"a: &y 'x\nb: 3\n", "1:7", "The quote that opens here " + notClosed, "another '; until then"},
             {"a: &x 'b''", "1:11", "The text ends between quotes", "Close the quote"},
             {"a: \"x\n---\n", "2:1", "The document ends between quotes", "Close the quote"},
             {"a: ]\n", "1:4", "The bracket ] closes none", "Take it out"},
             {"a: b: c\n", "1:5", "A value cannot begin at this colon", "must stand in quotes"},
             {"a:\n  b: 1\n c: 2\n", "3:2", "This fits neither", "Indent the line"},
             {"a:\n  - b: 1\n   c: 2\n", "3:4", "This line is no item of the list", "equally indented"},
             {"a: - x\n", "1:4", "An item that begins with - cannot stand here", "on the next line"},
             {"a: @x\n", "1:4", "A text cannot begin with @", "begins with @ must stand in quotes"},
             {"a: *x\n", "1:4", "No anchor has the name", "further up"},
             {"a: &\nb: 1\n", "1:5", "A name must follow & and *", "&name"},
             {"a: &x &y b\n", "1:7", "This value has two anchors", "Keep one"},
             {"a: \"\\d\"\n", "1:7", "\\ begins an escape", "Write \\\\"},
             {"a: !<x y\n", "1:7", "The tag that begins with !", "Take it out"},
             {"a: |x\n  b\n", "1:5", "The text of a block begins on the line behind", "Leave the rest"},
             {"%YAML 3.0\n---\na: b\n", "1:1", "This version of YAML", "Take the line"},
             {"- a\nb: c\n", "2:1", "The object has ended above", "Put ---"},
             {"{a: b}\n{c: d}", "2:1", "The object has ended above", "Put ---"},
             {"{a: b},", "1:7", "The object has ended above", "Put ---"},
             {"{{ if }}\na: 1\n", "2:1", "The object has ended above", "helm template"},
             {"a: {{ .Values.x }}\n", "1:4", "{{ }} is filled in by a template tool", "helm template"},
             {"? [a]\n: b\n", "1:1", "a key must be a scalar", "A key is a text"},
         }) {
        const auto all = found(text);
        ASSERT_EQ(all.size(), 1) << text << shown(text);
        EXPECT_EQ(fmt::format("{}:{}", all[0].line + 1, all[0].column + 1), place) << text;
        EXPECT_THAT(all[0].message, testing::HasSubstr(message)) << text;
        EXPECT_THAT(all[0].advice, testing::HasSubstr(advice)) << text;
    }
    EXPECT_EQ(shown("key: >\n\tfoo\n"), "2:1 tab") << "told once";
}

TEST(Diagnostics, areCured)
{
    const std::string spec = "spec: {containers: [{name: a, image: b}]}\n";
    struct Row {
        std::string text, code, cured;
    };
    for (const auto& [text, code, cured] : std::vector<Row>{
             {"apiVersion: v1\nkind: Deployment # x\nmetadata: {name: a}\n", "wrong-version",
              "apiVersion: apps/v1\nkind: Deployment # x\nmetadata: {name: a}\n"},
             {pod + "spec:\n  containers: [{name: a, imagee: b}]\n", "unknown-field",
              pod + "spec:\n  containers: [{name: a, image: b}]\n"},
             {"a:\n\tb: 1\n", "tab", "a:\n  b: 1\n"},
             {pod + spec + "kind: Pod\n", "duplicate-key", pod + spec},
             {pod + "spec:\n  hostNetwork: 'true'\n", "wrong-type", pod + "spec:\n  hostNetwork: true\n"},
             {pod + "spec:\n  restartPolicy: Ever\n  containers: [{name: a, image: b}]\n", "invalid",
              pod + "spec:\n  restartPolicy: Always\n  containers: [{name: a, image: b}]\n"},
             {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  " + spec +
                  "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: b}\n  spec:\n    replica: 1\n"
                  "    selector: {matchLabels: {app: b}}\n    template:\n      metadata: {labels: {app: b}}\n      " +
                  spec,
              "unknown-field",
              "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  " + spec +
                  "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: b}\n  spec:\n    replicas: 1\n"
                  "    selector: {matchLabels: {app: b}}\n    template:\n      metadata: {labels: {app: b}}\n      " +
                  spec},
             {pod + "spec: {nodeName: a}\n", "invalid", pod + "spec: {nodeName: a, containers: [{name: \"\"}]}\n"}}) {
        ManifestText manifest(text);
        const auto all = found(text);
        const auto one = std::ranges::find(all, code, &Diagnostic::code);
        ASSERT_NE(one, all.end()) << text;
        ASSERT_FALSE(one->cures.empty()) << text;
        const auto& cure = one->cures.front();
        if (cure.text.empty())
            ASSERT_TRUE(manifest.edit(0, cure.edits, cure.title));
        else
            manifest.setText(spliced(text, cure.text), cure.title);
        EXPECT_EQ(manifest.text(), cured);
    }
}

TEST(Diagnostics, ofALongLineHaveACureWhereItCanBeBroken)
{
    std::string text = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{)";
    for (int i = 0; i < 2'000; ++i)
        text += fmt::format(R"({}"key{}":"a, {{b}}")", i > 0 ? "," : "", i);
    const auto all = found(text + "}}\n");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front().code, "long-line");
    ASSERT_EQ(all.front().cures.size(), 1U);
    const auto& cured = all.front().cures.front().text.front().text;
    EXPECT_THAT(cured, testing::StartsWith("{\n  \"apiVersion\":\"v1\",\n  \"kind\":\"ConfigMap\",\n  \"metadata\":{\n"
                                           "    \"name\":\"a\"\n  },\n"));
    EXPECT_THAT(cured, testing::EndsWith("    \"key1999\":\"a, {b}\"\n  }\n}\n"));
    EXPECT_EQ(shown(cured), "");
    const auto scalar = found(pod + "spec: {containers: [{name: a, image: b}]}\n# " + std::string(30'000, 'x') + "\n");
    ASSERT_EQ(scalar.size(), 1U);
    EXPECT_TRUE(scalar.front().cures.empty());
}

TEST(Diagnostics, nearestIsNearEnough)
{
    EXPECT_EQ(nearest("replica", {"replicas", "selector"}), "replicas");
    EXPECT_EQ(nearest("htpt", {"http"}), "http") << "neighbours that changed places are one mistake";
    EXPECT_EQ(nearest("zzz", {"replicas", "selector"}), "");
}

} // namespace keelson::document
