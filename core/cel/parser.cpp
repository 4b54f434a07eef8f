// SPDX-License-Identifier: Apache-2.0
#include "cel/parser.h"

#include "cel/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

using Form = Expression::Form;

bool isMacro(std::string_view name, std::size_t arguments)
{
    constexpr std::array<std::string_view, 4> two{"all", "exists", "exists_one", "filter"};
    if (name == "map")
        return arguments == 2 || arguments == 3;
    return arguments == 2 && std::ranges::find(two, name) != two.end();
}

/// By descent; operators by their rank.
class Parser {
public:
    Parser(std::string_view text, std::vector<Token> tokens) : m_text(text), m_tokens(std::move(tokens)) {}

    Result<Expression> run()
    {
        TRY_ASSIGN(auto whole, conditional());
        if (next().form != Token::Form::End)
            return unexpected();
        return whole;
    }

private:
    const Token& next() const { return m_tokens[m_at]; }
    bool isNext(std::string_view sign) const { return next().form == Token::Form::Sign && next().text == sign; }
    bool take(std::string_view sign)
    {
        if (!isNext(sign))
            return false;
        ++m_at;
        return true;
    }
    std::unexpected<Error> unexpected() const
    {
        const auto& token = next();
        const auto what = token.form == Token::Form::End ? std::string("'<EOF>'")
                          : token.text.empty()           ? std::string("a literal")
                                                         : fmt::format("'{}'", token.text);
        return fail(errorAt(m_text, token.position, fmt::format("Syntax error: unexpected {}", what)));
    }
    Result<Done> expect(std::string_view sign)
    {
        if (!take(sign))
            return unexpected();
        return Done{};
    }

    static int depthOver(const std::vector<Expression>& args)
    {
        int deepest = 0;
        for (const auto& arg : args)
            deepest = std::max(deepest, arg.depth);
        return deepest + 1;
    }

    static Expression call(std::size_t position, std::string name, std::vector<Expression> args, bool hasTarget = false)
    {
        Expression made;
        made.form = Form::Call;
        made.position = position;
        made.name = std::move(name);
        made.args = std::move(args);
        made.hasTarget = hasTarget;
        made.depth = depthOver(made.args);
        return made;
    }
    static Expression node(Form form, std::size_t position, std::vector<Expression> args)
    {
        auto made = call(position, {}, std::move(args));
        made.form = form;
        return made;
    }

    std::unexpected<Error> tooDeep() const
    {
        return fail(errorAt(m_text, next().position,
                            fmt::format("expression recursion limit exceeded: {}", expressionDepthMax)));
    }

    Result<Expression> conditional()
    {
        if (++m_depth > expressionDepthMax)
            return tooDeep();
        TRY_ASSIGN(auto condition, binary());
        if (isNext("?")) {
            const auto position = next().position;
            ++m_at;
            TRY_ASSIGN(auto yes, binary());
            TRY_OK(expect(":"));
            TRY_ASSIGN(auto no, conditional());
            condition = node(Form::Conditional, position, three(std::move(condition), std::move(yes), std::move(no)));
        }
        --m_depth;
        return condition;
    }

    static std::vector<Expression> two(Expression left, Expression right)
    {
        std::vector<Expression> args;
        args.push_back(std::move(left));
        args.push_back(std::move(right));
        return args;
    }
    static std::vector<Expression> three(Expression one, Expression other, Expression last)
    {
        auto args = two(std::move(one), std::move(other));
        args.push_back(std::move(last));
        return args;
    }

    /// Higher ranks bind tighter; 0: no operator between two operands.
    static int rankOf(std::string_view sign)
    {
        constexpr std::array<std::pair<std::string_view, int>, 14> ranks{{{"||", 1},
                                                                          {"&&", 2},
                                                                          {"<", 3},
                                                                          {"<=", 3},
                                                                          {">", 3},
                                                                          {">=", 3},
                                                                          {"==", 3},
                                                                          {"!=", 3},
                                                                          {"in", 3},
                                                                          {"+", 4},
                                                                          {"-", 4},
                                                                          {"*", 5},
                                                                          {"/", 5},
                                                                          {"%", 5}}};
        const auto found = std::ranges::find(ranks, sign, &std::pair<std::string_view, int>::first);
        return found == ranks.end() ? 0 : found->second;
    }

    int rankOfNext() const
    {
        const auto& token = next();
        const bool isOperator =
            token.form == Token::Form::Sign || (token.form == Token::Form::Name && token.text == "in");
        return isOperator ? rankOf(token.text) : 0;
    }

    /// Operands with operators between them. By stacks of its own rather than by recursion, so that an operator's rank
    /// does not deepen the thread's stack.
    Result<Expression> binary()
    {
        std::vector<Expression> operands;
        std::vector<const Token*> signs;
        while (true) {
            TRY_ASSIGN(auto operand, unary());
            operands.push_back(std::move(operand));
            const auto rank = rankOfNext();
            while (!signs.empty() && rankOf(signs.back()->text) >= rank) {
                auto right = std::move(operands.back());
                operands.pop_back();
                operands.back() = joined(*signs.back(), std::move(operands.back()), std::move(right));
                signs.pop_back();
                if (operands.back().depth > expressionDepthMax)
                    return tooDeep();
            }
            if (rank == 0)
                return std::move(operands.front());
            signs.push_back(&m_tokens[m_at++]);
        }
    }

    /// What is joined by one `||` or `&&` after the other is one node, so that long chains stay flat.
    static Expression joined(const Token& sign, Expression left, Expression right)
    {
        const bool isJunction = sign.text == "||" || sign.text == "&&";
        if (!isJunction)
            return call(sign.position, sign.text == "in" ? "in" : fmt::format("_{}_", sign.text),
                        two(std::move(left), std::move(right)));
        const auto form = sign.text == "||" ? Form::Or : Form::And;
        if (left.form != form)
            return node(form, sign.position, two(std::move(left), std::move(right)));
        left.depth = std::max(left.depth, right.depth + 1);
        left.args.push_back(std::move(right));
        return left;
    }

    Result<Expression> unary()
    {
        if (!isNext("!") && !isNext("-"))
            return member();
        if (++m_depth > expressionDepthMax)
            return tooDeep();
        const auto token = m_tokens[m_at++];
        TRY_ASSIGN(auto operand, unary());
        --m_depth;
        std::vector<Expression> args;
        args.push_back(std::move(operand));
        return call(token.position, token.text == "!" ? "!_" : "-_", std::move(args));
    }

    Result<Expression> member()
    {
        TRY_ASSIGN(auto left, primary());
        while (isNext(".") || isNext("[")) {
            TRY_ASSIGN(left, memberOf(std::move(left)));
            if (left.depth > expressionDepthMax)
                return tooDeep();
        }
        return left;
    }

    /// `left[index]`, `left.name`, `left.name(arguments)`.
    Result<Expression> memberOf(Expression left)
    {
        const auto position = next().position;
        if (take("[")) {
            const bool optional = take("?");
            TRY_ASSIGN(auto index, conditional());
            TRY_OK(expect("]"));
            auto made = node(Form::Index, position, two(std::move(left), std::move(index)));
            made.optional = optional;
            return made;
        }
        ++m_at; // the dot
        const bool optional = take("?");
        if (next().form != Token::Form::Name)
            return unexpected();
        const auto name = m_tokens[m_at++].text;
        if (isNext("("))
            return methodCall(position, std::move(left), name);
        std::vector<Expression> args;
        args.push_back(std::move(left));
        auto made = node(Form::Select, position, std::move(args));
        made.name = name;
        made.optional = optional;
        return made;
    }

    Result<Expression> methodCall(std::size_t position, Expression target, const std::string& name)
    {
        TRY_ASSIGN(auto args, arguments());
        if (isMacro(name, args.size())) {
            if (args.front().form != Form::Name)
                return fail(errorAt(m_text, args.front().position, "argument must be a simple name"));
            auto macro = node(Form::Macro, position, {});
            macro.name = name;
            macro.variable = args.front().name;
            args.front() = std::move(target);
            macro.depth = depthOver(args);
            macro.args = std::move(args);
            return macro;
        }
        args.insert(args.begin(), std::move(target));
        return call(position, name, std::move(args), true);
    }

    Result<std::vector<Expression>> arguments()
    {
        TRY_OK(expect("("));
        return listUntil(")");
    }

    Result<std::vector<Expression>> listUntil(std::string_view end)
    {
        std::vector<Expression> items;
        while (!take(end)) {
            TRY_ASSIGN(auto item, conditional());
            items.push_back(std::move(item));
            if (!isNext(end))
                TRY_OK(expect(","));
        }
        return items;
    }

    Result<Expression> primary()
    {
        const auto token = next();
        if (token.form == Token::Form::Literal) {
            ++m_at;
            auto literal = node(Form::Literal, token.position, {});
            literal.literal = token.literal;
            return literal;
        }
        if (take("(")) {
            TRY_ASSIGN(auto inner, conditional());
            TRY_OK(expect(")"));
            return inner;
        }
        if (take("[")) {
            TRY_ASSIGN(auto items, listUntil("]"));
            return node(Form::List, token.position, std::move(items));
        }
        if (take("{"))
            return map(token.position);
        if (token.form != Token::Form::Name)
            return unexpected();
        ++m_at;
        return named(token);
    }

    Result<Expression> map(std::size_t position)
    {
        std::vector<Expression> entries;
        while (!take("}")) {
            TRY_ASSIGN(auto key, conditional());
            TRY_OK(expect(":"));
            TRY_ASSIGN(auto value, conditional());
            entries.push_back(std::move(key));
            entries.push_back(std::move(value));
            if (!isNext("}"))
                TRY_OK(expect(","));
        }
        return node(Form::Map, position, std::move(entries));
    }

    Result<Expression> named(const Token& token)
    {
        constexpr std::array<std::string_view, 18> reserved{
            "as", "break", "const", "continue", "else",      "for",    "function", "if",   "import",
            "in", "let",   "loop",  "package",  "namespace", "return", "var",      "void", "while"};
        auto made = node(Form::Literal, token.position, {});
        if (token.text == "true" || token.text == "false") {
            made.literal = token.text == "true";
            return made;
        }
        if (token.text == "null")
            return made;
        if (std::ranges::find(reserved, token.text) != reserved.end())
            return fail(errorAt(m_text, token.position, fmt::format("reserved identifier: {}", token.text)));
        if (!isNext("(")) {
            made.form = Form::Name;
            made.name = token.text;
            return made;
        }
        TRY_ASSIGN(auto args, arguments());
        if (token.text != "has")
            return call(token.position, token.text, std::move(args));
        if (args.size() != 1 || args.front().form != Form::Select)
            return fail(errorAt(m_text, token.position, "invalid argument to has() macro"));
        auto test = std::move(args.front());
        test.form = Form::Has;
        return test;
    }

    std::string_view m_text;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
};

} // namespace

Error errorAt(std::string_view text, std::size_t position, std::string_view what)
{
    const auto before = text.substr(0, std::min(position, text.size()));
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto begin = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    auto shown = std::string(text.substr(begin, text.find('\n', begin) - begin));
    std::ranges::replace(shown, '\t', ' ');
    const auto column = charactersOf(before.substr(begin)).size();
    return makeError(Reason::Invalid, fmt::format("ERROR: <input>:{}:{}: {}\n | {}\n | {}^", line, column + 1, what,
                                                  shown, std::string(column, '.')));
}

Result<Expression> parse(std::string_view text)
{
    if (text.size() > expressionBytesMax)
        return fail(Reason::Invalid,
                    fmt::format("ERROR: <input>:1:1: the expression has {} bytes; at most {} are allowed", text.size(),
                                expressionBytesMax));
    TRY_ASSIGN(auto tokens, tokensOf(text));
    return Parser(text, std::move(tokens)).run();
}

} // namespace keelson::cel
