// SPDX-License-Identifier: Apache-2.0
#include "document/corpus.h"

#include "base/private_file.h"
#include "support/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <random>

namespace keelson::document {

namespace {

constexpr unsigned mixedEach = 24;
constexpr unsigned byHandEach = 16;

enum class Comments { None, Above, Behind };
enum class Quotes { None, Single, Double };

struct Style {
    std::size_t step = 2;
    std::size_t sequenceStep = 0;
    Quotes quotes = Quotes::None;
    Comments comments = Comments::None;
    bool isFlowLists = false;
    bool isFlowMaps = false;
    /// With all that people write and programs do not: anchors, folded texts, indicators, tabs, empty lines, comments
    /// that stand anywhere. Only with a seed.
    bool isByHand = false;
    const char* ending = "\n";
    const char* head = "";
    const char* tail = "";
};

/// A writer of its own: the test does not ask the code under test how YAML looks.
class Writer {
public:
    /// `seed`: each value is written in a style of its own, as in files that many hands have been at.
    explicit Writer(const Style& style, std::optional<unsigned> seed = std::nullopt) : m_style(style)
    {
        if (seed)
            m_dice.emplace(*seed);
    }

    std::string write(const api::Value& value)
    {
        m_out = m_style.head;
        node(value, 0, true);
        m_out += m_style.tail;
        if (std::string_view(m_style.ending) == "\r\n") {
            std::string out;
            for (const char c : m_out)
                out += c == '\n' ? std::string("\r\n") : std::string(1, c);
            return out;
        }
        return m_out;
    }

private:
    void indent(std::size_t column) { m_out += std::string(column, ' '); }

    unsigned below(unsigned count) { return static_cast<unsigned>((*m_dice)() % count); }
    bool oneIn(unsigned count) { return m_style.isByHand && below(count) == 0; }

    void comment(std::size_t column)
    {
        if (oneIn(9))
            m_out += oneIn(2) ? "\n" : "  \n";
        if (oneIn(12))
            m_out += fmt::format("# comment {}, not indented\n", ++m_lines);
        if (m_style.comments != Comments::Above || ++m_lines % 3 != 0)
            return;
        indent(column);
        m_out += fmt::format("# comment {}: about 'what' \"follows\"\n", m_lines);
    }

    void endOfLine()
    {
        if (m_style.comments == Comments::Behind && ++m_lines % 2 == 0)
            m_out += fmt::format("{}# comment {}", oneIn(3) ? "\t" : "  ", m_lines);
        else if (oneIn(15))
            m_out += "  ";
        m_out += '\n';
    }

    std::string scalar(const api::Value& value)
    {
        const auto* text = value.if_string();
        if (!text)
            return api::writeJson(value);
        const std::string plain(text->data(), text->size());
        const bool mustQuote = plain.find_first_not_of("0123456789") == plain.npos || plain == "true" || plain == "*" ||
                               plain[0] == '@' || plain.find(": ") != plain.npos;
        if (m_style.quotes == Quotes::Double || (mustQuote && m_style.quotes == Quotes::None))
            return api::writeJson(value);
        if (m_style.quotes == Quotes::None)
            return plain;
        std::string single = "'";
        for (const char c : plain)
            single += c == '\'' ? std::string("''") : std::string(1, c);
        return single + "'";
    }

    static bool isLeaf(const api::Value& value)
    {
        return (!value.is_object() || value.get_object().empty()) && (!value.is_array() || value.get_array().empty());
    }

    /// Another style for what follows.
    void roll()
    {
        if (!m_dice)
            return;
        m_style.step = below(3) + 2;
        m_style.sequenceStep = below(2) == 0 ? 0 : m_style.step;
        m_style.quotes = static_cast<Quotes>(below(3));
        m_style.comments = static_cast<Comments>(below(3));
        m_style.isFlowLists = below(2) == 0;
        m_style.isFlowMaps = below(3) == 0;
    }

    std::string flowScalar(const api::Value& value)
    {
        const auto* text = value.if_string();
        const bool isPlain = text && m_style.quotes != Quotes::Double &&
                             std::string_view(*text).find_first_of(",[]{}:#&*!|>'\"%@` \n") == std::string_view::npos;
        return !text || isPlain ? scalar(value) : api::writeJson(value);
    }

    std::string flow(const api::Value& value)
    {
        std::string out;
        if (const auto* array = value.if_array()) {
            for (const auto& item : *array)
                out += (out.empty() ? "" : ", ") + flowScalar(item);
            return "[" + out + "]";
        }
        for (const auto& member : value.get_object())
            out += (out.empty() ? "" : ", ") + std::string(member.key()) + ": " + flowScalar(member.value());
        return "{" + out + "}";
    }

    bool isFlow(const api::Value& value) const
    {
        if (const auto* array = value.if_array())
            return m_style.isFlowLists && std::ranges::all_of(*array, isLeaf);
        return m_style.isFlowMaps && value.is_object() &&
               std::ranges::all_of(value.get_object(), [](const auto& member) { return isLeaf(member.value()); });
    }

    /// `step`: how far it is indented below its key; 0 where that is not said.
    void literal(const std::string& text, std::size_t column, std::size_t step)
    {
        m_out += !text.ends_with('\n') ? " |-" : text.ends_with("\n\n") ? " |+" : " |";
        if (step > 0 && oneIn(3))
            m_out += std::to_string(step);
        m_out += oneIn(4) ? "  # a text\n" : "\n";
        std::size_t at = 0;
        while (at < text.size()) {
            const auto stop = text.find('\n', at);
            indent(column);
            m_out += text.substr(at, stop - at) + "\n";
            at = stop == text.npos ? text.size() : stop + 1;
        }
    }

    /// A text of several words as one that is folded.
    bool folded(const std::string& text, std::size_t column)
    {
        const bool isFit = text.find(' ') != text.npos && text.find("  ") == text.npos && !text.starts_with(' ') &&
                           !text.ends_with(' ');
        if (!isFit || !oneIn(2))
            return false;
        m_out += " >-\n";
        std::size_t at = 0;
        while (at < text.size()) {
            const auto stop = std::min(text.find(' ', at), text.size());
            indent(column);
            m_out += text.substr(at, stop - at) + "\n";
            at = stop + 1;
        }
        return true;
    }

    /// The value, or a name for it, or the name that an equal one was given before.
    std::string named(const std::string& written)
    {
        if (const auto known = m_anchors.find(written); known != m_anchors.end() && oneIn(3))
            return "*" + known->second;
        if (m_anchors.contains(written) || !oneIn(12))
            return written;
        const auto name = fmt::format("n{}", m_anchors.size());
        m_anchors.emplace(written, name);
        return fmt::format("&{} {}", name, written);
    }

    /// After "key:" or "-".
    void child(const api::Value& value, std::size_t column, std::size_t inner, bool isItem)
    {
        const auto* text = value.if_string();
        if (text && text->find('\n') != text->npos) {
            literal(std::string(text->data(), text->size()), isItem ? column + 2 : column + m_style.step,
                    isItem ? 0 : m_style.step);
        } else if (text &&
                   folded(std::string(text->data(), text->size()), isItem ? column + 2 : column + m_style.step)) {
            return;
        } else if (!isLeaf(value) && isFlow(value)) {
            m_out += ' ' + flow(value);
            endOfLine();
        } else if (isLeaf(value)) {
            m_out += oneIn(8) ? "\t" : " ";
            m_out += named(scalar(value));
            endOfLine();
        } else if (isItem) {
            m_out += ' ';
            node(value, inner, false);
        } else {
            endOfLine();
            node(value, inner, true);
        }
    }

    void node(const api::Value& value, std::size_t column, bool isOwnLine)
    {
        const auto begin = [&] {
            if (isOwnLine) {
                comment(column);
                indent(column);
            }
            isOwnLine = true;
        };
        if (const auto* array = value.if_array()) {
            for (const auto& item : *array) {
                begin();
                m_out += '-';
                roll();
                child(item, column, column + 2, true);
            }
            return;
        }
        for (const auto& member : value.get_object()) {
            begin();
            m_out += std::string(member.key()) + ":";
            roll();
            const bool isArray = member.value().is_array();
            child(member.value(), column, column + (isArray ? m_style.sequenceStep : m_style.step), false);
        }
    }

    Style m_style;
    std::optional<std::mt19937> m_dice;
    std::map<std::string, std::string> m_anchors;
    std::string m_out;
    int m_lines = 0;
};

constexpr const char* deployment =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop",
"labels":{"app":"web","tier":"front"}},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":
{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.25","args":["--port","80","--verbose"],
"ports":[{"containerPort":80},{"containerPort":443,"name":"https"}],"resources":{"limits":{"cpu":"500m","memory":"64Mi"}}},
{"name":"side","image":"busybox","command":["sh","-c","sleep 1"],"env":[{"name":"A","value":"true"},{"name":"B","value":""}]}],
"volumes":[{"name":"data","emptyDir":{}}]}}}})";
constexpr const char* service =
    R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web","annotations":{}},"spec":
{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":8080},{"name":"https","port":443,"targetPort":"https"}],
"externalIPs":[],"type":"ClusterIP"}})";
constexpr const char* configMap =
    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"conf"},"data":{"a.properties":
"one=1\ntwo=2\n","b.txt":"single line","c.sh":"if true; then\n  echo yes\nfi\n","count":"80"}})";
constexpr const char* role =
    R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"reader"},"rules":
[{"apiGroups":[""],"resources":["pods","pods/log"],"verbs":["get","list"]},{"apiGroups":["apps"],"resources":["*"],
"verbs":["*"]}],"nested":[["a","b"],["c"],[{"x":1,"y":2}]],"flag":true,"ratio":0.5,"nothing":null})";

constexpr const char* statefulSet =
    R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","annotations":{
"a.b/c":"x: y # z"}},"spec":{"serviceName":"db","replicas":2,"selector":{"matchLabels":{"app":"db"}},"template":{"metadata":
{"labels":{"app":"db"}},"spec":{"serviceAccountName":"db","initContainers":[{"name":"init","image":"busybox","command":["sh",
"-c","echo 'a b' > /x"]}],"containers":[{"name":"db","image":"postgres:16","env":[{"name":"P","valueFrom":{"secretKeyRef":
{"name":"db","key":"p"}}}],"volumeMounts":[{"name":"data","mountPath":"/data"}]}]}},"volumeClaimTemplates":[{"metadata":{"name":
"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}})";
constexpr const char* ingress =
    R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web"},"spec":{
"ingressClassName":"x","tls":[{"hosts":["a.example","b.example"],"secretName":"t"}],"rules":[{"host":"a.example","http":{"paths":
[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}},{"path":"/b","pathType":"Exact",
"backend":{"service":{"name":"b","port":{"name":"http"}}}}]}}]}})";
constexpr const char* list =
    R"({"apiVersion":"v1","kind":"List","metadata":{},"items":[{"apiVersion":"v1","kind":"Secret",
"metadata":{"name":"s"},"stringData":{"a":"1","b":"two\nlines\n"}},{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":
"l","labels":{"app":"l"}},"spec":{"selector":{"matchLabels":{"app":"l"}},"template":{"metadata":{"labels":{"app":"l"}},"spec":
{"containers":[{"name":"l","image":"l:1","ports":[{"containerPort":80}]}]}}}},{"apiVersion":"v1","kind":"Service","metadata":{"name":
"l"},"spec":{"ports":[{"port":80}]}}]})";

/// JSON as programs print it, a member or an item on a line.
void printJson(const api::Value& value, const std::string& step, const std::string& indent, std::string& out)
{
    const auto* array = value.if_array();
    const auto* object = value.if_object();
    if ((!array || array->empty()) && (!object || object->empty())) {
        out += api::writeJson(value);
        return;
    }
    out += array ? "[" : "{";
    const char* separator = "\n";
    const auto begin = [&] {
        out += separator + indent + step;
        separator = ",\n";
    };
    if (array)
        for (const auto& item : *array) {
            begin();
            printJson(item, step, indent + step, out);
        }
    else
        for (const auto& member : *object) {
            begin();
            out += '"' + std::string(member.key()) + "\": ";
            printJson(member.value(), step, indent + step, out);
        }
    out += "\n" + indent + (array ? "]" : "}");
}

/// Two documents in one file, each as other hands have left it.
std::string byHand(const api::Value& first, const api::Value& second, unsigned seed)
{
    static const char* const marks[]{"---\n", "---  # the second\n", "# after the first\n---\n# before the second\n",
                                     "...\n---\n", "---\n\n"};
    Style style;
    style.isByHand = true;
    style.head = seed % 3 == 0 ? "# the head\n---\n" : seed % 3 == 1 ? "# the head\n\n" : "";
    auto text = Writer(style, seed).write(first) + marks[seed % std::size(marks)];
    style.head = "";
    text += Writer(style, seed + 1'000).write(second);
    if (seed % 5 == 1)
        text.pop_back(); // the last line has no end
    if (seed % 4 != 3)
        return text;
    std::string windows;
    for (const char c : text)
        windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return windows;
}

std::vector<Style> styles()
{
    std::vector<Style> all;
    for (const std::size_t step : {2, 4})
        for (const auto sequenceStep : {std::size_t{0}, step})
            for (const auto quotes : {Quotes::None, Quotes::Single, Quotes::Double})
                for (const auto comments : {Comments::None, Comments::Above, Comments::Behind})
                    for (const bool isFlowLists : {false, true})
                        all.push_back({step, sequenceStep, quotes, comments, isFlowLists});
    const std::size_t plain = all.size();
    for (std::size_t i = 0; i < plain; i += 3)
        all[i].ending = "\r\n";
    for (std::size_t i = 0; i < plain; i += 2)
        all[i].head = "---\n";
    for (std::size_t i = 0; i < plain; i += 5)
        all[i].tail = "...\n";
    return all;
}

} // namespace

std::vector<Manifest> corpus()
{
    std::vector<Manifest> all;
    for (const auto* json : {deployment, service, configMap, role}) {
        const auto value = *api::parseJson(json);
        int number = 0;
        for (const auto& style : styles())
            all.push_back(
                {fmt::format("{}, style {}", api::stringAt(value, {"kind"}), number++), Writer(style).write(value)});
        all.push_back({fmt::format("{}, JSON", api::stringAt(value, {"kind"})), api::writeJson(value)});
    }
    for (const auto* json : {deployment, service, configMap, role, statefulSet, ingress, list}) {
        const auto value = *api::parseJson(json);
        for (const auto* step : {"  ", "    ", "\t"}) {
            std::string text;
            printJson(value, step, "", text);
            all.push_back(
                {fmt::format("{}, JSON by {}", api::stringAt(value, {"kind"}), api::writeJson(step)), text + "\n"});
        }
        for (unsigned seed = 0; seed < byHandEach; ++seed)
            all.push_back({fmt::format("{}, by hand {}", api::stringAt(value, {"kind"}), seed),
                           byHand(value, *api::parseJson(seed % 2 == 0 ? service : configMap), seed)});
    }
    for (const auto* json : {deployment, service, configMap, role, statefulSet, ingress, list}) {
        const auto value = *api::parseJson(json);
        for (unsigned seed = 0; seed < mixedEach; ++seed)
            all.push_back({fmt::format("{}, mixed {}", api::stringAt(value, {"kind"}), seed),
                           Writer({.ending = seed % 4 == 3 ? "\r\n" : "\n"}, seed).write(value)});
    }
    for (const auto& entry : std::filesystem::directory_iterator(support::sourceFolder() + "/tests/golden/manifests"))
        all.push_back({entry.path().filename().string(), *readFile(entry.path())});
    std::ranges::sort(all, {}, &Manifest::name);
    return all;
}

} // namespace keelson::document
