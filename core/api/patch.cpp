// SPDX-License-Identifier: Apache-2.0
#include "api/patch.h"
#include "api/object_members.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace keelson::api {
namespace {

constexpr std::size_t operationsMax = 10'000;
/// How much `copy` may add in all: repeated copies double a document each time.
constexpr std::size_t copiedBytesMax = documentBytesMax;
/// Objects with more members may lose their order, which means nothing, when some are removed.
constexpr std::size_t membersInOrderMax = 1'000;

using Pointer = std::vector<std::string>;

/// RFC 6901.
Result<Pointer> readPointer(std::string_view text)
{
    Pointer parts;
    if (text.empty())
        return parts;
    if (text[0] != '/')
        return fail(Reason::BadRequest, fmt::format("JSON pointer \"{}\" does not begin with '/'", text));
    for (const char c : text) {
        if (c == '/')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    for (auto& part : parts) {
        std::string plain;
        for (std::size_t at = 0; at < part.size(); ++at) {
            if (part[at] != '~') {
                plain += part[at];
                continue;
            }
            ++at;
            if (at == part.size() || (part[at] != '0' && part[at] != '1'))
                return fail(Reason::BadRequest, fmt::format("JSON pointer \"{}\" holds a bad escape", text));
            plain += part[at] == '0' ? '~' : '/';
        }
        part = std::move(plain);
    }
    return parts;
}

std::optional<std::size_t> readIndex(std::string_view text)
{
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
        return std::nullopt;
    return index;
}

Value* child(Value& value, const std::string& part)
{
    if (auto* object = value.if_object())
        return object->if_contains(part);
    if (auto* array = value.if_array()) {
        const auto index = readIndex(part);
        return index && *index < array->size() ? &(*array)[*index] : nullptr;
    }
    return nullptr;
}

Value* resolve(Value& document, std::span<const std::string> pointer)
{
    Value* at = &document;
    for (const auto& part : pointer) {
        at = child(*at, part);
        if (!at)
            return nullptr;
    }
    return at;
}

bool equalNumbers(const Value& a, const Value& b)
{
    if (a.is_double() || b.is_double())
        return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

/// As RFC 6902 compares: numbers by value, members without order.
bool equal(const Value& a, const Value& b)
{
    if (a.is_number() && b.is_number())
        return equalNumbers(a, b);
    if (a.kind() != b.kind())
        return false;
    if (const auto* array = a.if_array())
        return std::ranges::equal(*array, b.get_array(), equal);
    if (const auto* object = a.if_object()) {
        const auto& other = b.get_object();
        return object->size() == other.size() && std::ranges::all_of(*object, [&](const auto& member) {
                   const auto* found = other.if_contains(member.key());
                   return found && equal(member.value(), *found);
               });
    }
    return a == b;
}

std::size_t depthOf(const Value& value)
{
    std::size_t deepest = 0;
    if (const auto* array = value.if_array()) {
        for (const auto& each : *array)
            deepest = std::max(deepest, depthOf(each));
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            deepest = std::max(deepest, depthOf(member.value()));
    } else {
        return 0;
    }
    return deepest + 1;
}

struct Operation {
    std::string op;
    std::string pathText;
    Pointer path;
    Pointer from;
    const Value* value = nullptr;
};

class JsonPatch {
public:
    explicit JsonPatch(Value document) : m_document(std::move(document)) {}

    Result<Done> apply(const Operation& operation)
    {
        if (operation.op == "test")
            return test(operation);
        if (operation.op == "remove")
            return remove(operation.path, operation);
        if (operation.op == "add")
            return add(operation, *operation.value);
        if (operation.op == "replace") {
            Value* target = resolve(m_document, operation.path);
            if (!target)
                return missing(operation, "to replace");
            *target = *operation.value;
            return Done{};
        }
        return moveOrCopy(operation);
    }

    Value take() { return std::move(m_document); }

private:
    /// kubectl shows the causes of what is Invalid, and the message only where there are none.
    static std::unexpected<Error> refused(const std::string& path, const std::string& why)
    {
        auto error = makeError(Reason::Invalid, fmt::format("the JSON patch does not apply: {}: {}", path, why));
        error.causes.push_back({"FieldValueInvalid", why, path});
        return fail(std::move(error));
    }

    static std::unexpected<Error> missing(const Operation& operation, std::string_view what)
    {
        return refused(operation.pathText,
                       fmt::format("the {} operation of the patch finds nothing {}", operation.op, what));
    }

    Result<Done> test(const Operation& operation)
    {
        const Value* target = resolve(m_document, operation.path);
        const bool holds = target ? equal(*target, *operation.value) : operation.value->is_null();
        if (holds)
            return Done{};
        const auto is = target ? boost::json::serialize(*target) : std::string{"absent"};
        return refused(operation.pathText, fmt::format("the test operation of the patch wants {}, but the value is {}",
                                                       boost::json::serialize(*operation.value), is));
    }

    Result<Done> remove(const Pointer& path, const Operation& operation)
    {
        if (path.empty()) {
            m_document = nullptr;
            return Done{};
        }
        Value* parent = resolve(m_document, std::span{path}.first(path.size() - 1));
        if (!parent || !child(*parent, path.back()))
            return missing(operation, "to remove");
        if (auto* object = parent->if_object()) {
            const auto found = object->find(path.back());
            if (object->size() > membersInOrderMax)
                object->erase(found); // In no time; the last member takes its place.
            else
                object->stable_erase(found);
        } else {
            auto& array = parent->get_array();
            array.erase(array.begin() + static_cast<std::ptrdiff_t>(*readIndex(path.back())));
        }
        return Done{};
    }

    Result<Done> add(const Operation& operation, Value value)
    {
        const bool isDeeper = operation.op != "move" || operation.path.size() > operation.from.size();
        if (isDeeper && operation.path.size() + depthOf(value) > documentDepthMax)
            return fail(Reason::Invalid,
                        fmt::format("the patch makes the document more than {} levels deep", documentDepthMax));
        if (operation.path.empty()) {
            m_document = std::move(value);
            return Done{};
        }
        const auto& last = operation.path.back();
        Value* parent = resolve(m_document, std::span{operation.path}.first(operation.path.size() - 1));
        if (!parent || !parent->is_structured())
            return missing(operation, "to add to");
        if (auto* object = parent->if_object()) {
            object->insert_or_assign(last, std::move(value));
            return Done{};
        }
        auto& array = parent->get_array();
        const auto index = last == "-" ? array.size() : readIndex(last);
        if (!index || *index > array.size())
            return missing(operation, "at that index");
        array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
        return Done{};
    }

    Result<Done> moveOrCopy(const Operation& operation)
    {
        Value* source = resolve(m_document, operation.from);
        if (!source)
            return missing(operation, "at \"from\"");
        if (operation.op == "copy") {
            Value value = *source;
            m_copiedBytes += boost::json::serialize(value).size();
            if (m_copiedBytes > copiedBytesMax)
                return fail(Reason::Invalid,
                            fmt::format("the copy operations of the patch add more than {} bytes", copiedBytesMax));
            return add(operation, std::move(value));
        }
        if (operation.path == operation.from)
            return Done{};
        const bool intoItself =
            operation.path.size() > operation.from.size() &&
            std::ranges::equal(operation.from, std::span{operation.path}.first(operation.from.size()));
        if (intoItself)
            return missing(operation, "to move to: the place is inside of what moves");
        Value value = std::move(*source);
        TRY_OK(remove(operation.from, operation));
        return add(operation, std::move(value));
    }

    Value m_document;
    std::size_t m_copiedBytes = 0;
};

Result<std::string> stringMember(const Object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    if (!value || !value->is_string())
        return fail(Reason::BadRequest, fmt::format("an operation of the JSON patch has no string \"{}\"", name));
    return std::string{value->get_string()};
}

Result<Operation> readOperation(const Value& value)
{
    const auto* object = value.if_object();
    if (!object)
        return fail(Reason::BadRequest, "each operation of a JSON patch must be an object");
    Operation operation;
    TRY_ASSIGN(operation.op, stringMember(*object, "op"));
    TRY_ASSIGN(operation.pathText, stringMember(*object, "path"));
    TRY_ASSIGN(operation.path, readPointer(operation.pathText));
    constexpr std::string_view known[] = {"add", "remove", "replace", "move", "copy", "test"};
    if (std::ranges::find(known, operation.op) == std::end(known))
        return fail(Reason::BadRequest, fmt::format("unexpected kind of JSON patch operation: {}", operation.op));
    if (operation.op == "move" || operation.op == "copy") {
        TRY_ASSIGN(const auto from, stringMember(*object, "from"));
        TRY_ASSIGN(operation.from, readPointer(from));
    }
    operation.value = object->if_contains("value");
    const bool needsValue = operation.op == "add" || operation.op == "replace" || operation.op == "test";
    if (needsValue && !operation.value)
        return fail(Reason::BadRequest,
                    fmt::format("the {} operation at \"{}\" has no \"value\"", operation.op, operation.pathText));
    return operation;
}

} // namespace

Result<Value> applyJsonPatch(const Value& document, const Value& patch)
{
    const auto* operations = patch.if_array();
    if (!operations)
        return fail(Reason::BadRequest, "a JSON patch must be a list of operations");
    if (operations->size() > operationsMax) {
        return fail(Reason::RequestEntityTooLarge,
                    fmt::format("The allowed maximum operations in a JSON patch is {}, got {}", operationsMax,
                                operations->size()));
    }
    JsonPatch patched{document};
    for (const auto& each : *operations) {
        TRY_ASSIGN(const auto operation, readOperation(each));
        TRY_OK(patched.apply(operation));
    }
    return patched.take();
}

Value applyMergePatch(Value document, const Value& patch)
{
    const auto* members = patch.if_object();
    if (!members)
        return patch;
    if (!document.is_object())
        document = Object{};
    auto& object = document.get_object();
    for (const auto& member : *members) {
        if (member.value().is_null()) // Taken out below.
            continue;
        const auto found = object.find(member.key());
        if (found != object.end()) {
            found->value() = applyMergePatch(std::move(found->value()), member.value());
        } else {
            object.emplace(member.key(), applyMergePatch(nullptr, member.value()));
        }
    }
    eraseNulled(object, *members);
    return document;
}

} // namespace keelson::api
