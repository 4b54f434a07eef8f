// SPDX-License-Identifier: Apache-2.0
#include "api/strict_fields.h"
#include "api/utf8.h"
#include "api/value.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <span>
#include <string>

namespace keelson::api {
namespace {

using boost::json::error_code;
using boost::json::string_view;

/// Room for the parser's stack of values; it takes more from the heap when a document needs it.
constexpr std::size_t scratchBytes = std::size_t{8} * 1024;

/// The keys of one object as they come. A few are looked through, which is faster than keeping them in order.
class SeenKeys {
public:
    /// Whether the key is a new one.
    bool add(const std::string& key)
    {
        if (!m_many.empty())
            return m_many.insert(key).second;
        if (std::ranges::find(m_few, key) != m_few.end())
            return false;
        m_few.push_back(key);
        constexpr std::size_t fewMax = 32;
        if (m_few.size() > fewMax)
            m_many.insert(m_few.begin(), m_few.end());
        return true;
    }

private:
    std::vector<std::string> m_few;
    std::set<std::string> m_many; ///< All of them, once there are many.
};

/// What boost::json's parser tells, built into a value. Its own doubles are off by their last bit now and then, and not
/// a number for a zero with a large exponent: they are read anew from their text.
class ValueReader {
public:
    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();

    explicit ValueReader(std::span<unsigned char> scratch) : m_stack({}, scratch.data(), scratch.size())
    {
        m_stack.reset();
    }

    Value release() { return m_stack.release(); }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t count, error_code&)
    {
        m_stack.push_object(count);
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code&)
    {
        m_stack.push_array(count);
        return true;
    }
    bool on_key_part(string_view part, std::size_t, error_code&)
    {
        m_stack.push_chars(part);
        return true;
    }
    bool on_key(string_view rest, std::size_t, error_code&)
    {
        m_stack.push_key(rest);
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&)
    {
        m_stack.push_chars(part);
        return true;
    }
    bool on_string(string_view rest, std::size_t, error_code&)
    {
        m_stack.push_string(rest);
        return true;
    }
    bool on_number_part(string_view part, error_code&)
    {
        m_number.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t number, string_view, error_code&)
    {
        m_number.clear();
        m_stack.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, string_view, error_code&)
    {
        m_number.clear();
        m_stack.push_uint64(number);
        return true;
    }
    bool on_double(double estimate, string_view rest, error_code& code)
    {
        m_number.append(rest.data(), rest.size());
        double number = 0;
        const auto read = std::from_chars(m_number.data(), m_number.data() + m_number.size(), number);
        if (read.ec == std::errc::result_out_of_range && std::abs(estimate) > 1) { // else it is as good as 0
            code = boost::json::error::exponent_overflow;
            return false;
        }
        m_number.clear();
        m_stack.push_double(number);
        return true;
    }
    bool on_bool(bool flag, error_code&)
    {
        m_stack.push_bool(flag);
        return true;
    }
    bool on_null(error_code&)
    {
        m_stack.push_null();
        return true;
    }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    boost::json::value_stack m_stack;
    std::string m_number; ///< As it is written.
};

/// Besides, members that occur twice are noted by path, once each.
class DuplicateFinder : public ValueReader {
public:
    DuplicateFinder(std::span<unsigned char> scratch, std::vector<std::string>& duplicates)
        : ValueReader(scratch), m_duplicates(duplicates)
    {
    }

    bool on_object_begin(error_code&)
    {
        m_levels.push_back({});
        return true;
    }
    bool on_object_end(std::size_t count, error_code& code) { return ValueReader::on_object_end(count, code) && end(); }
    bool on_array_begin(error_code&)
    {
        m_levels.push_back({.array = true});
        return true;
    }
    bool on_array_end(std::size_t count, error_code& code) { return ValueReader::on_array_end(count, code) && end(); }
    bool on_key_part(string_view part, std::size_t size, error_code& code)
    {
        m_key.append(part.data(), part.size());
        return ValueReader::on_key_part(part, size, code);
    }
    bool on_key(string_view rest, std::size_t size, error_code& code)
    {
        m_key.append(rest.data(), rest.size());
        auto& level = m_levels.back();
        std::swap(level.key, m_key);
        m_key.clear();
        if (!level.seen.add(level.key) && level.twice.insert(level.key).second)
            noteStrictField(m_duplicates, [this] { return path(); });
        return ValueReader::on_key(rest, size, code);
    }
    bool on_string(string_view rest, std::size_t size, error_code& code)
    {
        return ValueReader::on_string(rest, size, code) && next();
    }
    bool on_int64(std::int64_t number, string_view text, error_code& code)
    {
        return ValueReader::on_int64(number, text, code) && next();
    }
    bool on_uint64(std::uint64_t number, string_view text, error_code& code)
    {
        return ValueReader::on_uint64(number, text, code) && next();
    }
    bool on_double(double number, string_view text, error_code& code)
    {
        return ValueReader::on_double(number, text, code) && next();
    }
    bool on_bool(bool flag, error_code& code) { return ValueReader::on_bool(flag, code) && next(); }
    bool on_null(error_code& code) { return ValueReader::on_null(code) && next(); }

private:
    struct Level {
        bool array = false;
        std::size_t index = 0;
        std::string key; ///< Where we are.
        SeenKeys seen;
        std::set<std::string> twice;
    };

    bool next()
    {
        if (!m_levels.empty())
            ++m_levels.back().index;
        return true;
    }

    bool end()
    {
        m_levels.pop_back();
        return next();
    }

    std::string path() const
    {
        std::string text;
        for (const auto& level : m_levels) {
            if (level.array)
                text += fmt::format("[{}]", level.index);
            else
                text += (text.empty() ? "" : ".") + level.key;
        }
        return text;
    }

    std::vector<Level> m_levels;
    std::string m_key;
    std::vector<std::string>& m_duplicates;
};

std::unexpected<Error> malformed(const error_code& code, std::size_t position, std::string_view text)
{
    position = std::min(position, text.size());
    const auto before = text.substr(0, position);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto column = position - (before.find_last_of('\n') == before.npos ? 0 : before.find_last_of('\n') + 1) + 1;
    const bool isText = utf8Prefix(text) == text.size();
    return fail(Reason::BadRequest, fmt::format("invalid JSON at line {}, column {}: {}", line, column,
                                                isText ? code.message() : std::string("the text is not UTF-8")));
}

/// A parser says success when the text ends inside a document: that is ours to see.
template <typename Parser>
Result<Done> readAll(Parser& parser, std::string_view text)
{
    error_code code;
    const auto used = parser.write_some(false, text.data(), text.size(), code);
    const auto rest = used < text.size() ? text.find_first_not_of(" \t\r\n", used) : text.npos;
    if (!code && rest != text.npos)
        code = boost::json::error::extra_data;
    if (code)
        return malformed(code, used, text);
    return Done{};
}

} // namespace

Result<Value> parseJson(std::string_view text, std::vector<std::string>* duplicates)
{
    if (text.size() > documentBytesMax)
        return fail(Reason::BadRequest,
                    fmt::format("the document of {} bytes is larger than {} bytes", text.size(), documentBytesMax));
    boost::json::parse_options options;
    options.max_depth = documentDepthMax;
    try {
        std::array<unsigned char, scratchBytes> scratch; // NOLINT(cppcoreguidelines-pro-type-member-init): the reader's
        if (duplicates) {
            boost::json::basic_parser<DuplicateFinder> parser(options, scratch, *duplicates);
            TRY_OK(readAll(parser, text));
            return parser.handler().release();
        }
        boost::json::basic_parser<ValueReader> parser(options, scratch);
        TRY_OK(readAll(parser, text));
        return parser.handler().release();
    } catch (const std::exception& exception) {
        return fail(Reason::BadRequest, fmt::format("invalid JSON: {}", exception.what()));
    }
}

} // namespace keelson::api
