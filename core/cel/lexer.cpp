// SPDX-License-Identifier: Apache-2.0
#include "cel/lexer.h"

#include "cel/parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace keelson::cel {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool beginsName(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void appendUtf8(std::string& out, std::uint32_t point)
{
    constexpr std::uint32_t low = 0x3F;
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0U | (point >> 6U));
        put(0x80U | (point & low));
    } else if (point < 0x10000) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & low));
        put(0x80U | (point & low));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & low));
        put(0x80U | ((point >> 6U) & low));
        put(0x80U | (point & low));
    }
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    Result<std::vector<Token>> run()
    {
        std::vector<Token> tokens;
        for (passSpace(); m_at < m_text.size(); passSpace()) {
            Token token;
            token.position = m_at;
            TRY_OK(read(token));
            tokens.push_back(std::move(token));
        }
        tokens.push_back({Token::Form::End, {}, {}, m_text.size()});
        return tokens;
    }

private:
    char next(std::size_t ahead = 0) const { return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0'; }
    bool isNext(std::string_view text) const { return m_text.substr(m_at).starts_with(text); }

    void passSpace()
    {
        while (m_at < m_text.size()) {
            if (isNext("//"))
                m_at = std::min(m_text.find('\n', m_at), m_text.size());
            else if (std::string_view(" \t\r\n\f").find(m_text[m_at]) != std::string_view::npos)
                ++m_at;
            else
                return;
        }
    }

    Result<Done> read(Token& token)
    {
        const char c = next();
        if (isDigit(c) || (c == '.' && isDigit(next(1))))
            return readNumber(token);
        if (isStringAhead())
            return readString(token);
        if (beginsName(c)) {
            token.form = Token::Form::Name;
            while (beginsName(next()) || isDigit(next()))
                token.text += m_text[m_at++];
            return Done{};
        }
        constexpr std::array<std::string_view, 26> signs{"&&", "||", "==", "!=", "<=", ">=", "+", "-", "*",
                                                         "/",  "%",  "!",  "<",  ">",  "(",  ")", "[", "]",
                                                         "{",  "}",  ",",  ":",  "?",  ".",  "=", "@"};
        const auto* const sign = std::ranges::find_if(signs, [&](std::string_view one) { return isNext(one); });
        if (sign == signs.end() || *sign == "=" || *sign == "@")
            return fail(errorAt(m_text, m_at, "Syntax error: token recognition error"));
        token.form = Token::Form::Sign;
        token.text = *sign;
        m_at += sign->size();
        return Done{};
    }

    Result<Done> readNumber(Token& token)
    {
        token.form = Token::Form::Literal;
        const bool hex = isNext("0x") || isNext("0X");
        const auto begin = m_at;
        const auto isOfNumber = [&](char c) {
            const bool sign = (c == '+' || c == '-') && !hex && (m_text[m_at - 1] == 'e' || m_text[m_at - 1] == 'E');
            return isDigit(c) || sign ||
                   (hex ? std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == 'x' || c == 'X'
                        : c == '.' || c == 'e' || c == 'E');
        };
        while (m_at < m_text.size() && isOfNumber(m_text[m_at]) && !(m_text[m_at] == '.' && !isDigit(next(1))))
            ++m_at;
        const auto text = m_text.substr(begin, m_at - begin);
        const bool isUnsigned = next() == 'u' || next() == 'U';
        if (isUnsigned)
            ++m_at;
        const auto digits = hex ? text.substr(2) : text;
        const auto parse = [&](auto& number, auto... how) {
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, how...);
            return error == std::errc{} && end == digits.data() + digits.size();
        };
        bool good = false;
        if (!hex && text.find_first_of(".eE") != text.npos) {
            double number = 0;
            good = parse(number);
            token.literal = number;
        } else if (isUnsigned) {
            std::uint64_t number = 0;
            good = parse(number, hex ? 16 : 10);
            token.literal = number;
        } else {
            std::uint64_t number = 0; // the smallest integer has a sign before it
            good = parse(number, hex ? 16 : 10);
            token.literal = static_cast<std::int64_t>(number);
        }
        if (!good)
            return fail(errorAt(m_text, begin, "invalid number literal"));
        return Done{};
    }

    bool isStringAhead() const
    {
        std::size_t at = 0;
        while (at < 2 && std::string_view("rRbB").find(next(at)) != std::string_view::npos)
            ++at;
        return next(at) == '"' || next(at) == '\'';
    }

    Result<Done> readString(Token& token)
    {
        token.form = Token::Form::Literal;
        bool raw = false;
        bool bytes = false;
        for (; next() != '"' && next() != '\''; ++m_at) {
            raw = raw || next() == 'r' || next() == 'R';
            bytes = bytes || next() == 'b' || next() == 'B';
        }
        std::string quote(1, next());
        const std::string three(3, next());
        if (isNext(three))
            quote = three;
        m_at += quote.size();
        std::string text;
        while (!isNext(quote)) {
            if (m_at >= m_text.size() || (quote.size() == 1 && next() == '\n'))
                return fail(errorAt(m_text, token.position,
                                    "Syntax error: token recognition error at: a text that does "
                                    "not end"));
            if (next() == '\\' && !raw)
                TRY_OK(readEscape(text, bytes));
            else
                text += m_text[m_at++];
        }
        m_at += quote.size();
        token.literal = bytes ? Value(Bytes{std::move(text)}) : Value(std::move(text));
        return Done{};
    }

    Result<Done> readEscape(std::string& text, bool bytes)
    {
        constexpr std::string_view names = "abfnrtv\\\"'`?";
        constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"'`?";
        const char c = next(1);
        if (const auto at = names.find(c); c != '\0' && at != names.npos) {
            text += meanings[at];
            m_at += 2;
            return Done{};
        }
        const bool octal = c >= '0' && c <= '3';
        const std::size_t length = octal ? 3 : c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        const auto digits = m_text.substr(std::min(m_at + (octal ? 1 : 2), m_text.size()), length);
        std::uint32_t point = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point, octal ? 8 : 16);
        if (length == 0 || error != std::errc{} || end != digits.data() + length)
            return fail(errorAt(m_text, m_at, "Syntax error: invalid escape sequence"));
        if (bytes)
            text += static_cast<char>(point);
        else
            appendUtf8(text, point);
        m_at += (octal ? 1 : 2) + length;
        return Done{};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

Result<std::vector<Token>> tokensOf(std::string_view text)
{
    return Lexer(text).run();
}

} // namespace keelson::cel
