// SPDX-License-Identifier: Apache-2.0
#include "document/corpus.h"

#include "base/private_file.h"
#include "support/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace keelson::document {

namespace {

enum class Comments { None, Above, Behind };
enum class Quotes { None, Single, Double };

struct Style {
    std::size_t step = 2;
    std::size_t sequenceStep = 0;
    Quotes quotes = Quotes::None;
    Comments comments = Comments::None;
    bool isFlowLists = false;
    const char* ending = "\n";
    const char* head = "";
    const char* tail = "";
};

/// A writer of its own: the test does not ask the code under test how YAML looks.
class Writer {
public:
    explicit Writer(const Style& style) : m_style(style) {}

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

    void comment(std::size_t column)
    {
        if (m_style.comments != Comments::Above || ++m_lines % 3 != 0)
            return;
        indent(column);
        m_out += fmt::format("# comment {}: about 'what' \"follows\"\n", m_lines);
    }

    void endOfLine()
    {
        if (m_style.comments == Comments::Behind && ++m_lines % 2 == 0)
            m_out += fmt::format("  # comment {}", m_lines);
        m_out += '\n';
    }

    std::string scalar(const api::Value& value)
    {
        const auto* text = value.if_string();
        if (!text)
            return api::writeJson(value);
        const std::string plain(text->data(), text->size());
        const bool mustQuote = plain.empty() || plain == "true" || plain == "80" || plain == "*" || plain[0] == '@';
        if (m_style.quotes == Quotes::Double || (mustQuote && m_style.quotes == Quotes::None))
            return api::writeJson(value);
        return m_style.quotes == Quotes::Single ? "'" + plain + "'" : plain;
    }

    static bool isLeaf(const api::Value& value)
    {
        return (!value.is_object() || value.get_object().empty()) && (!value.is_array() || value.get_array().empty());
    }

    std::string flow(const api::Array& array)
    {
        std::string out = "[";
        for (const auto& item : array)
            out += (out.size() > 1 ? ", " : "") + scalar(item);
        return out + "]";
    }

    void literal(const std::string& text, std::size_t column)
    {
        m_out += " |\n";
        std::size_t at = 0;
        while (at < text.size()) {
            const auto stop = text.find('\n', at);
            indent(column);
            m_out += text.substr(at, stop - at) + "\n";
            at = stop + 1;
        }
    }

    /// After "key:" or "-".
    void child(const api::Value& value, std::size_t column, std::size_t inner, bool isItem)
    {
        const auto* text = value.if_string();
        const auto* array = value.if_array();
        if (text && text->find('\n') != text->npos) {
            literal(std::string(text->data(), text->size()), isItem ? column + 2 : column + m_style.step);
        } else if (array && !array->empty() && m_style.isFlowLists && std::ranges::all_of(*array, isLeaf)) {
            m_out += ' ' + flow(*array);
            endOfLine();
        } else if (isLeaf(value)) {
            m_out += ' ' + scalar(value);
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
                child(item, column, column + 2, true);
            }
            return;
        }
        for (const auto& member : value.get_object()) {
            begin();
            m_out += std::string(member.key()) + ":";
            const bool isArray = member.value().is_array();
            child(member.value(), column, column + (isArray ? m_style.sequenceStep : m_style.step), false);
        }
    }

    const Style& m_style;
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
    for (const auto& entry : std::filesystem::directory_iterator(support::sourceFolder() + "/tests/golden/manifests"))
        all.push_back({entry.path().filename().string(), *readFile(entry.path())});
    std::ranges::sort(all, {}, &Manifest::name);
    return all;
}

} // namespace keelson::document
