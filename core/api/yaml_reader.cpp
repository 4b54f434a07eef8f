// SPDX-License-Identifier: Apache-2.0
#include "api/strict_fields.h"
#include "api/utf8.h"
#include "api/yaml_end.h"
#include "api/yaml_scalar.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace keelson::api {
namespace {

/// Values that a document may grow to: aliases copy what they name, and a few lines can name billions.
constexpr std::size_t yamlValuesMax = 500'000;
/// Text that a document may grow by, for the same reason.
constexpr std::size_t yamlCopiedBytesMax = documentBytesMax;

std::string_view view(const boost::json::string& text)
{
    return {text.data(), text.size()};
}

struct Extent {
    std::size_t values = 0;
    std::size_t bytes = 0; ///< Of keys and strings.
};

void measure(const Value& value, Extent& extent)
{
    ++extent.values;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            extent.bytes += member.key().size();
            measure(member.value(), extent);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array)
            measure(item, extent);
    } else if (const auto* text = value.if_string()) {
        extent.bytes += text->size();
    }
}

/// Builds a value from the parser's events. Throws YAML::RepresentationException, which parseYaml catches.
class ValueBuilder : public YAML::EventHandler {
public:
    explicit ValueBuilder(std::vector<std::string>* duplicates) : m_duplicates(duplicates) {}

    Value m_root;
    YAML::Mark m_lastScalar = YAML::Mark::null_mark(); ///< Its anchor and tag included.

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, nullptr, anchor); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto known = m_anchors.find(anchor);
        if (known == m_anchors.end())
            throw YAML::RepresentationException(mark, "an alias inside the value that it names");
        countCopy(mark, known->second);
        add(mark, known->second, 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override
    {
        m_lastScalar = mark;
        const bool plain = tag == "?" || tag.empty();
        if (tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" || tag == "tag:yaml.org,2002:bool" ||
            plain)
            add(mark, resolveYamlScalar(text), anchor);
        else
            add(mark, Value(text), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        open(mark, Array{}, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        open(mark, Object{}, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Value value;
        YAML::anchor_t anchor = 0;
        YAML::Mark mark;
        std::string key;
        bool keyKnown = false;
        Array merges; ///< What "<<" names.
        std::set<std::string> twice;
    };

    void count(const YAML::Mark& mark, std::size_t values)
    {
        m_count += values;
        if (m_count > yamlValuesMax)
            throw YAML::RepresentationException(mark,
                                                fmt::format("the document has more than {} values", yamlValuesMax));
    }

    void countCopy(const YAML::Mark& mark, const Value& value)
    {
        Extent extent;
        measure(value, extent);
        count(mark, extent.values);
        m_copiedBytes += extent.bytes;
        if (m_copiedBytes > yamlCopiedBytesMax)
            throw YAML::RepresentationException(
                mark, fmt::format("the document's aliases copy more than {} bytes", yamlCopiedBytesMax));
    }

    void open(const YAML::Mark& mark, Value value, YAML::anchor_t anchor)
    {
        if (m_levels.size() >= documentDepthMax)
            throw YAML::RepresentationException(mark,
                                                fmt::format("the document is deeper than {} levels", documentDepthMax));
        if (!m_levels.empty() && m_levels.back().value.is_object() && !m_levels.back().keyKnown)
            throw YAML::RepresentationException(mark, "a key must be a scalar");
        m_levels.push_back(
            {.value = std::move(value), .anchor = anchor, .mark = mark, .key = {}, .merges = {}, .twice = {}});
    }

    void close()
    {
        auto level = std::move(m_levels.back());
        m_levels.pop_back();
        if (auto* object = level.value.if_object())
            for (const auto& merge : level.merges)
                for (const auto& member : merge.get_object())
                    object->insert(member); // Keeps what is there: own keys win.
        add(level.mark, std::move(level.value), level.anchor);
    }

    void add(const YAML::Mark& mark, Value value, YAML::anchor_t anchor)
    {
        count(mark, 1);
        if (anchor) {
            countCopy(mark, value);
            m_anchors.insert_or_assign(anchor, value);
        }
        if (m_levels.empty()) {
            m_root = std::move(value);
            return;
        }
        auto& level = m_levels.back();
        if (auto* array = level.value.if_array())
            array->push_back(std::move(value));
        else if (!level.keyKnown)
            setKey(mark, level, value);
        else
            addMember(mark, level, std::move(value));
    }

    static void setKey(const YAML::Mark& mark, Level& level, const Value& key)
    {
        if (key.is_object() || key.is_array())
            throw YAML::RepresentationException(mark, "a key must be a scalar");
        level.key = key.is_string() ? std::string(view(key.get_string())) : key.is_null() ? "null" : writeJson(key);
        level.keyKnown = true;
    }

    void addMember(const YAML::Mark& mark, Level& level, Value value)
    {
        level.keyKnown = false;
        if (level.key == "<<" && (value.is_object() || value.is_array())) {
            addMerge(mark, level, std::move(value));
            return;
        }
        auto& object = level.value.get_object();
        if (m_duplicates && object.contains(level.key) && level.twice.insert(level.key).second)
            noteStrictField(*m_duplicates, [this] { return path(); });
        object.insert_or_assign(level.key, std::move(value));
    }

    static void addMerge(const YAML::Mark& mark, Level& level, Value value)
    {
        if (value.is_object())
            value = Array{std::move(value)};
        for (auto& item : value.get_array()) {
            if (!item.is_object())
                throw YAML::RepresentationException(mark, "a merge key wants mappings");
            level.merges.push_back(std::move(item));
        }
    }

    std::string path() const
    {
        std::string text;
        for (const auto& level : m_levels) {
            if (const auto* array = level.value.if_array())
                text += fmt::format("[{}]", array->size());
            else
                text += (text.empty() ? "" : ".") + level.key;
        }
        return text;
    }

    std::vector<std::string>* m_duplicates;
    std::vector<Level> m_levels;
    std::map<YAML::anchor_t, Value> m_anchors;
    std::size_t m_count = 0;
    std::size_t m_copiedBytes = 0;
};

/// YAML has none but these three. yaml-cpp takes a zero for the beginning of an escape, and makes other bytes of it.
bool isControl(char c)
{
    constexpr char firstPrintable = ' ';
    constexpr char del = '\x7f';
    const bool isLow = c >= '\0' && c < firstPrintable;
    return (isLow && c != '\t' && c != '\n' && c != '\r') || c == del;
}

/// Only the last scalar can be without the quote that closes it.
void requireClosedQuotes(std::string_view text, const YAML::Mark& lastScalar)
{
    if (lastScalar.pos >= 0 && unclosedQuote(text, static_cast<std::size_t>(lastScalar.pos)))
        throw YAML::ParserException(lastScalar, "the quote that opens here is never closed");
}

} // namespace

Result<Value> parseYaml(std::string_view text, std::vector<std::string>* duplicates)
{
    if (text.size() > documentBytesMax)
        return fail(Reason::BadRequest,
                    fmt::format("the document of {} bytes is larger than {} bytes", text.size(), documentBytesMax));
    if (const auto valid = utf8Prefix(text); valid < text.size())
        return fail(Reason::BadRequest, fmt::format("invalid YAML: the text is not UTF-8 at byte {}", valid));
    if (const auto control = std::ranges::find_if(text, isControl); control != text.end())
        return fail(Reason::BadRequest,
                    fmt::format("invalid YAML: control characters are not allowed (byte {})", control - text.begin()));
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        ValueBuilder builder(duplicates);
        parser.HandleNextDocument(builder);
        requireClosedQuotes(text, builder.m_lastScalar);
        requireNoMoreDocuments(parser);
        return std::move(builder.m_root);
    } catch (const YAML::Exception& exception) {
        return fail(Reason::BadRequest, fmt::format("invalid YAML at line {}, column {}: {}", exception.mark.line + 1,
                                                    exception.mark.column + 1, exception.msg));
    } catch (const std::exception& exception) {
        return fail(Reason::BadRequest, fmt::format("invalid YAML: {}", exception.what()));
    }
}

} // namespace keelson::api
