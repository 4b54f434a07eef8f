// SPDX-License-Identifier: Apache-2.0
#include "cel/cost.h"

#include "cel/call_cost.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keelson::cel {
namespace {

using Form = Expression::Form;

constexpr std::uint64_t nameCost = 1;
constexpr std::uint64_t listCost = 10;
constexpr std::uint64_t mapCost = 30;

Shape shapeOf(const Type* type)
{
    switch (type ? type->form : Type::Form::Dyn) {
    case Type::Form::Dyn:
        return {};
    case Type::Form::String:
        return {.kind = ShapeKind::Text};
    case Type::Form::Bytes:
        return {.kind = ShapeKind::Bytes};
    case Type::Form::List:
        return {.kind = ShapeKind::List, .type = type};
    case Type::Form::Map:
        return {.kind = ShapeKind::Map, .type = type};
    case Type::Form::Object:
        return {.kind = ShapeKind::Object, .type = type};
    default:
        return {.kind = ShapeKind::Scalar};
    }
}

Shape literalShape(const Value& literal)
{
    if (literal.as<std::string>())
        return {.kind = ShapeKind::Text};
    return {.kind = literal.as<Bytes>() ? ShapeKind::Bytes : ShapeKind::Scalar};
}

Shape itemsOf(const Shape& whole)
{
    if (whole.items)
        return *whole.items;
    return whole.type ? shapeOf(whole.type->items) : Shape{};
}

Shape listOf(Shape items)
{
    return {.kind = ShapeKind::List, .type = nullptr, .items = std::make_shared<Shape>(std::move(items))};
}

class Estimator {
public:
    explicit Estimator(const Type& root) : m_root(root) {}

    Estimate estimate(const Expression& node)
    {
        switch (node.form) {
        case Form::Literal:
            if (const auto* type = node.literal.as<TypeName>()) // a name like others
                return at(nameCost, {type->name}, {.kind = ShapeKind::Other});
            return {.size = SizeRange::literal(node.literal), .shape = literalShape(node.literal)};
        case Form::Name:
            return name(node);
        case Form::Select:
        case Form::Has:
            return select(node);
        case Form::Index:
            return index(node);
        case Form::Call:
            return call(node);
        case Form::List:
            return list(node);
        case Form::Map:
            return map(node);
        case Form::And:
        case Form::Or:
            return {.cost = costOfArgs(node), .shape = {.kind = ShapeKind::Scalar}};
        case Form::Conditional:
            return conditional(node);
        case Form::Macro:
            return macro(node);
        }
        std::unreachable();
    }

private:
    /// Names, and what of them: "self", "spec", "@items". The first name does not count: all variables have the type
    /// of the root.
    using Path = std::vector<std::string>;

    std::uint64_t costOfArgs(const Expression& node)
    {
        std::uint64_t cost = 0;
        for (const auto& arg : node.args)
            cost = addedCosts(cost, estimate(arg).cost);
        return cost;
    }

    const Type* typeAt(const Path& path) const
    {
        if (path.empty())
            return nullptr;
        static const Type key{.form = Type::Form::String, .sizeMax = 0};
        const auto* type = &m_root;
        for (auto part = path.begin() + 1; type && part != path.end(); ++part) {
            if (*part == "@items" || *part == "@values") {
                type = type->items;
            } else if (*part == "@keys") {
                type = type->form == Type::Form::Map ? &key : nullptr;
            } else {
                const auto member = type->members.find(*part);
                type = member == type->members.end() ? nullptr : member->second;
            }
        }
        return type;
    }

    /// With the size that the schema allows at that place.
    Estimate at(std::uint64_t cost, Path path, Shape shape) const
    {
        Estimate made{.cost = cost, .path = std::move(path), .shape = std::move(shape)};
        if (const auto* type = typeAt(made.path); type && type->sizeMax)
            made.size = SizeRange{0, *type->sizeMax};
        return made;
    }

    static Path below(Path path, std::string name)
    {
        path.push_back(std::move(name));
        return path;
    }

    Estimate name(const Expression& node) const
    {
        const auto local = std::ranges::find(m_locals.rbegin(), m_locals.rend(), node.name, &Local::name);
        if (local != m_locals.rend())
            return at(nameCost, local->path, local->shape);
        const bool isRoot = node.name == "self" || node.name == "oldSelf";
        return at(nameCost, {node.name}, isRoot ? shapeOf(&m_root) : Shape{});
    }

    Estimate select(const Expression& node)
    {
        auto whole = estimate(node.args[0]);
        if (node.form == Form::Has)
            return {.cost = whole.cost, .shape = {.kind = ShapeKind::Scalar}};
        if (node.optional)
            return {.cost = addedCosts(whole.cost, 1)};
        const bool isObject = whole.shape.kind == ShapeKind::Object;
        const bool steps = isObject || whole.shape.kind == ShapeKind::Map;
        Shape shape = isObject ? Shape{} : itemsOf(whole.shape);
        if (isObject && whole.shape.type) {
            const auto member = whole.shape.type->members.find(node.name);
            shape = member == whole.shape.type->members.end() ? Shape{} : shapeOf(member->second);
        }
        return at(addedCosts(whole.cost, steps ? nameCost : 0), below(std::move(whole.path), node.name),
                  std::move(shape));
    }

    Estimate index(const Expression& node)
    {
        auto whole = estimate(node.args[0]);
        const auto cost = addedCosts(addedCosts(whole.cost, estimate(node.args[1]).cost), 1);
        if (node.optional)
            return {.cost = cost};
        return at(cost, below(std::move(whole.path), whole.shape.kind == ShapeKind::List ? "@items" : "@values"),
                  itemsOf(whole.shape));
    }

    Estimate call(const Expression& node)
    {
        std::vector<Estimate> args;
        std::uint64_t cost = 0;
        for (const auto& arg : node.args) {
            args.push_back(estimate(arg));
            cost = addedCosts(cost, args.back().cost);
        }
        const Call call{node, args, [this](const Estimate& whole) { return itemsIn(whole); }};
        auto made = estimateCall(call);
        made.cost = addedCosts(made.cost, cost);
        return made;
    }

    /// An item of a list, as far as its size is known.
    Estimate itemsIn(const Estimate& list) const
    {
        const auto shape = itemsOf(list.shape);
        return list.path.empty() ? Estimate{.shape = shape} : at(0, below(list.path, "@items"), shape);
    }

    Estimate list(const Expression& node)
    {
        Estimate made{.cost = listCost, .size = SizeRange::exactly(node.args.size()), .shape = listOf({})};
        for (const auto& arg : node.args) {
            auto item = estimate(arg);
            made.cost = addedCosts(made.cost, item.cost);
            made.shape = listOf(std::move(item.shape));
        }
        return made;
    }

    Estimate map(const Expression& node)
    {
        return {.cost = addedCosts(mapCost, costOfArgs(node)),
                .size = SizeRange::exactly(node.args.size() / 2),
                .shape = {.kind = ShapeKind::Map}};
    }

    Estimate conditional(const Expression& node)
    {
        const auto condition = estimate(node.args[0]);
        auto left = estimate(node.args[1]);
        auto right = estimate(node.args[2]);
        return {.cost = addedCosts(condition.cost, std::max(left.cost, right.cost)),
                .size = left.knownSize().joined(right.knownSize()),
                .shape = left.shape.kind == ShapeKind::Unknown ? std::move(right.shape) : std::move(left.shape)};
    }

    /// A macro stands for a loop that keeps its result in a variable: what each round costs besides the arguments.
    Estimate macro(const Expression& node)
    {
        constexpr std::uint64_t readResult = 1;
        const auto range = estimate(node.args[0]);
        const bool overList = range.shape.kind == ShapeKind::List;
        m_locals.push_back({node.variable, below(range.path, overList ? "@items" : "@keys"),
                            overList                                 ? itemsOf(range.shape)
                            : range.shape.kind == ShapeKind::Unknown ? Shape{}
                                                                     : Shape{.kind = ShapeKind::Text}});
        const auto first = estimate(node.args[1]);
        const auto last = node.args.size() > 2 ? estimate(node.args[2]) : first;
        auto item = m_locals.back().shape;
        m_locals.pop_back();

        Estimate made{.cost = addedCosts(range.cost, readResult), .shape = {.kind = ShapeKind::Scalar}};
        std::uint64_t round = first.cost;
        if (node.name == "all") {
            round = addedCosts(round, 3); // is it still true? And once more with the predicate
        } else if (node.name == "exists") {
            round = addedCosts(round, 4);
        } else if (node.name == "exists_one") {
            round = addedCosts(round, 2);
            made.cost = addedCosts(made.cost, 1); // is the count 1?
        } else {
            constexpr auto append = listCost + 2;
            const bool filters = node.name == "filter";
            round = addedCosts(round, append);
            if (filters)
                round = addedCosts(round, nameCost);
            else if (node.args.size() > 2)
                round = addedCosts(round, last.cost);
            made.cost = addedCosts(made.cost, listCost);
            made.size = range.knownSize();
            made.shape = listOf(filters ? std::move(item) : last.shape);
        }
        made.cost = addedCosts(made.cost, multipliedCosts(range.knownSize().max, round));
        return made;
    }

    struct Local {
        std::string name;
        Path path;
        Shape shape;
    };
    const Type& m_root;
    std::vector<Local> m_locals;
};

} // namespace

std::uint64_t addedCosts(std::uint64_t left, std::uint64_t right)
{
    return left > costUnbounded - right ? costUnbounded : left + right;
}

std::uint64_t multipliedCosts(std::uint64_t left, std::uint64_t right)
{
    return right != 0 && left > costUnbounded / right ? costUnbounded : left * right;
}

std::uint64_t worstCost(const Expression& expression, const Type& root)
{
    return Estimator(root).estimate(expression).cost;
}

} // namespace keelson::cel
