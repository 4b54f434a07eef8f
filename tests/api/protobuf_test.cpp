// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/protobuf.h"
#include "api/schema.h"
#include "base/clock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace keelson::api {
namespace {

using namespace std::string_literals;

Value json(std::string_view text)
{
    auto value = parseJson(text);
    EXPECT_TRUE(value) << text << ": " << value.error().message;
    return value ? *value : Value{};
}

/// "0a 03 'web' 10 01": hex bytes and quoted text.
std::string bytes(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ' || text[at] == '\n') {
            ++at;
        } else if (text[at] == '\'') {
            const auto end = text.find('\'', at + 1);
            out += text.substr(at + 1, end - at - 1);
            at = end + 1;
        } else {
            out += static_cast<char>(std::stoi(std::string{text.substr(at, 2)}, nullptr, 16));
            at += 2;
        }
    }
    return out;
}

std::string hex(std::string_view data)
{
    std::string out;
    for (const char c : data)
        out += fmt::format("{:02x} ", static_cast<unsigned char>(c));
    return out;
}

/// An envelope around a message.
std::string enveloped(std::string_view apiVersion, std::string_view kind, const std::string& message)
{
    const auto framed = [](char tag, std::string_view content) {
        EXPECT_LT(content.size(), 128U);
        return std::string{tag} + static_cast<char>(content.size()) + std::string{content};
    };
    const auto typeMeta = framed(0x0a, framed(0x0a, apiVersion) + framed(0x12, kind));
    return "k8s\0"s + typeMeta + framed(0x12, message) + bytes("1a 00 22 00");
}

std::string shown(const Result<Value>& value)
{
    return value ? writeJson(*value) : "! " + value.error().message;
}

TEST(Protobuf, namespaceByHand)
{
    // Of ObjectMeta: name, generateName, namespace, selfLink, uid, resourceVersion, generation, creationTimestamp.
    const auto expected = enveloped("v1", "Namespace",
                                    bytes("0a 13 0a 03 'web' 12 00 1a 00 22 00 2a 00 32 00 38 00 42 00"
                                          "12 00 1a 02 0a 00"));
    const auto object = json(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}})");
    const auto encoded = encodeProtobuf(Catalog::builtIn(), object);
    ASSERT_TRUE(encoded) << encoded.error().message;
    EXPECT_EQ(hex(*encoded), hex(expected));
    EXPECT_TRUE(isProtobuf(*encoded));
    EXPECT_EQ(shown(decodeProtobuf(Catalog::builtIn(), expected)),
              R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}})");
}

TEST(Protobuf, everyTypeByHand)
{
    const auto decoded = [](const char* apiVersion, const char* kind, const char* message) {
        return shown(decodeProtobuf(Catalog::builtIn(), enveloped(apiVersion, kind, bytes(message))));
    };
    EXPECT_EQ(decoded("v1", "DeleteOptions", "08 00 12 03 0a 01 'u' 22 0a 'Background' 2a 03 'All'"),
              R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,"preconditions":{"uid":"u"},)"
              R"("propagationPolicy":"Background","dryRun":["All"]})");
    EXPECT_EQ(decoded("apps/v1", "DeleteOptions", "08 1e"),
              R"({"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":30})");
    EXPECT_EQ(decoded("autoscaling/v1", "Scale", "12 02 08 03 1a 02 08 00"),
              R"({"apiVersion":"autoscaling/v1","kind":"Scale","spec":{"replicas":3}})");
    EXPECT_EQ(decoded("v1", "Status", "12 07 'Failure' 30 94 03"),
              R"({"apiVersion":"v1","kind":"Status","status":"Failure","code":404})");
    EXPECT_EQ(decoded("v1", "Binding", "12 0c 0a 04 'Node' 1a 02 'n1' 22 00"),
              R"({"apiVersion":"v1","kind":"Binding","target":{"kind":"Node","name":"n1"}})");
    EXPECT_EQ(
        decoded("policy/v1", "Eviction", "0a 03 0a 01 'p' 12 02 08 05"),
        R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"},"deleteOptions":{"gracePeriodSeconds":5}})");
    EXPECT_EQ(decoded("v1", "ConfigMap", "12 06 0a 01 'a' 12 01 'x' 12 03 0a 01 'b' 1a 06 0a 01 'c' 12 01 ff"),
              R"({"apiVersion":"v1","kind":"ConfigMap","data":{"a":"x","b":""},"binaryData":{"c":"/w=="}})");
    // A service's port: targetPort is an IntOrString; a pod's creation is a Time, a lease's renewal a MicroTime.
    EXPECT_EQ(
        decoded("v1", "Service", "12 13 0a 11 0a 00 12 03 'TCP' 18 50 22 04 08 00 10 50 28 00"),
        R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"protocol":"TCP","port":80,"targetPort":80}]}})");
    EXPECT_EQ(decoded("v1", "Service", "12 0a 0a 08 22 06 08 01 1a 02 'ab'"),
              R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"targetPort":"ab"}]}})");
    EXPECT_EQ(
        decoded("coordination.k8s.io/v1", "Lease", "0a 06 42 04 08 01 10 00 12 07 22 05 08 01 10 e8 07"),
        R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"creationTimestamp":"1970-01-01T00:00:01Z"},)"
        R"("spec":{"renewTime":"1970-01-01T00:00:01.000001Z"}})")
        << "the number of renewTime";
    // Negative integers are ten bytes; a volume's source is a message of its own.
    EXPECT_EQ(decoded("v1", "Pod", "12 0b 20 ff ff ff ff ff ff ff ff ff 01"),
              R"({"apiVersion":"v1","kind":"Pod","spec":{"terminationGracePeriodSeconds":-1}})");
    EXPECT_EQ(decoded("v1", "Pod", "12 09 0a 07 0a 01 'v' 12 02 12 00"),
              R"({"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","emptyDir":{}}]}})");
    EXPECT_EQ(decoded("v1", "Pod", "f8 7f 05 12 04 52 02 'n1'"),
              R"({"apiVersion":"v1","kind":"Pod","spec":{"nodeName":"n1"}})")
        << "an unknown field";
}

TEST(Protobuf, refusesWhatIsBroken)
{
    const auto refused = [](const std::string& body, std::string_view words) {
        const auto result = decodeProtobuf(Catalog::builtIn(), body);
        ASSERT_FALSE(result) << hex(body) << shown(result);
        EXPECT_EQ(result.error().reason, Reason::BadRequest);
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    };
    const auto pod = [](const char* message) { return enveloped("v1", "Pod", bytes(message)); };
    refused("", "magic");
    refused("{}", "magic");
    refused("k8s\0"s, "does not name apiVersion");
    refused(enveloped("v1", "Nothing", ""), "no kind \"Nothing\" is registered for version \"v1\"");
    refused(enveloped("v\xd2", "Pod", ""), "not UTF-8");
    refused(enveloped("v1", "P\xff", ""), "not UTF-8");
    refused(pod("0a"), "cut off at byte 18");
    refused(pod("0a 05 'a'"), "says it has 5 bytes, of which 1 are there at byte 18");
    refused(pod("0b 00"), "unknown wire type 3 at byte 17");
    refused(pod("00 00"), "bad number at byte 17");
    refused(pod("08 00"), "wrong wire type 0");
    refused(pod("0a 03 0a 01 ff"), "not UTF-8 at byte 21");
    refused(pod("0a 04 0a 02 c0 80"), "not UTF-8");
    refused(pod("0a 05 0a 03 ed a0 80"), "not UTF-8");
    refused(pod("12 0c 20 ff ff ff ff ff ff ff ff ff ff 01"), "more than 64 bits");
    refused(pod("0a 0d 42 0b 08 ff ff ff ff ff ff ff ff 7f"), "says it has");
    refused(pod("0a 0c 42 0a 08 ff ff ff ff ff ff ff ff 7f"), "a time is out of range");
    refused(pod("0a 09 42 07 08 80 f0 92 cb dd 08"), "a time is out of range"); // long after 9999
    EXPECT_EQ(decodeProtobuf(Catalog::builtIn(), "k8s\0"s + std::string(documentBytesMax, 'x')).error().reason,
              Reason::RequestEntityTooLarge);
}

TEST(Protobuf, knowsWhatHasNoForm)
{
    for (const char* object : {R"({"apiVersion":"meta.k8s.io/v1","kind":"Table"})",
                               R"({"apiVersion":"x.io/v1","kind":"Thing"})", "[]", "{}"}) {
        const auto encoded = encodeProtobuf(Catalog::builtIn(), json(object));
        ASSERT_FALSE(encoded) << object;
        EXPECT_EQ(encoded.error().reason, Reason::NotAcceptable);
    }
    const auto bad =
        encodeProtobuf(Catalog::builtIn(), json(R"({"apiVersion":"v1","kind":"Pod","spec":{"nodeName":5}})"));
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "nodeName: a string is wanted for the protobuf form");
}

TEST(Protobuf, watchEventHoldsTheWholeEnvelope)
{
    const auto object = json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})");
    const auto whole = encodeProtobuf(Catalog::builtIn(), object).value();
    const auto event = encodeProtobufWatchEvent(Catalog::builtIn(), "ADDED", object).value();
    const auto size = static_cast<char>(whole.size());
    EXPECT_EQ(hex(event), hex(bytes("0a 05 'ADDED' 12") + static_cast<char>(size + 2) + '\x0a' + size + whole));
}

/// A random value that is not zero: zero values of plain members do not come back.
class RandomDocument {
public:
    explicit RandomDocument(unsigned seed) : m_random(seed) {}

    Value value(const Schema& schema, int depth)
    {
        switch (schema.type) {
        case SchemaType::Object:
            return object(schema, depth);
        case SchemaType::Map: {
            Object map;
            for (unsigned i = 0; i <= m_random() % 3; ++i)
                map.insert_or_assign(word(), value(*schema.items, depth - 1));
            return sorted(map);
        }
        case SchemaType::Array: {
            Array array;
            for (unsigned i = 0; i <= m_random() % 3; ++i)
                array.push_back(value(*schema.items, depth - 1));
            return array;
        }
        case SchemaType::Integer:
            return integer(schema);
        case SchemaType::Number:
            return Value(1.5);
        case SchemaType::Boolean:
            return true;
        case SchemaType::IntOrString:
            return m_random() % 2 ? Value(word()) : Value(1 + static_cast<std::int64_t>(m_random() % 70000));
        case SchemaType::Quantity:
            return Value(fmt::format("{}Mi", 1 + m_random() % 100));
        case SchemaType::Time:
            return Value(formatTime(time()));
        case SchemaType::MicroTime:
            return Value(formatMicroTime(time() + std::chrono::microseconds{m_random() % 1000000}));
        case SchemaType::Duration:
            return Value(fmt::format("{}s", 1 + m_random() % 59));
        case SchemaType::Bytes:
            return Value(encodeBase64(word()));
        case SchemaType::Any:
            return json(R"({"f:a":{"b":[1,"x",null]}})");
        default:
            return Value(word());
        }
    }

private:
    Value object(const Schema& schema, int depth)
    {
        Object object;
        for (const auto& field : schema.fields) {
            if (field.protoNumber == 0)
                continue;
            const auto type = field.schema->type;
            const bool message = type == SchemaType::Object;
            const bool nested = message || type == SchemaType::Array || type == SchemaType::Map;
            const bool absenceComesBack = type != SchemaType::Array && type != SchemaType::Map && !field.optional &&
                                          type != SchemaType::Time && type != SchemaType::MicroTime;
            const bool needed = field.always && absenceComesBack;
            if (!needed && (depth <= 0 ? nested || m_random() % 4 : m_random() % 3) != 0)
                continue;
            auto member = value(*field.schema, depth - 1);
            if (message && !field.optional && !field.always && !hasLeaf(member)) // The same as absence.
                continue;
            object.emplace(field.name, std::move(member));
        }
        return object;
    }

    static bool hasLeaf(const Value& value)
    {
        const auto* object = value.if_object();
        return !object || std::ranges::any_of(*object, [](const auto& member) { return hasLeaf(member.value()); });
    }

    Value integer(const Schema& schema)
    {
        if (schema.format == "int32")
            return Value(static_cast<std::int64_t>(static_cast<std::int32_t>(m_random() | 1)));
        return Value(static_cast<std::int64_t>(m_random() | 1) << (m_random() % 30));
    }

    static Value sorted(const Object& map)
    {
        std::map<std::string, Value> entries;
        for (const auto& member : map)
            entries.emplace(member.key(), member.value());
        Object result;
        for (auto& [key, entry] : entries)
            result.emplace(key, std::move(entry));
        return result;
    }

    std::string word() { return fmt::format("w{}\xc3\xa4", m_random() % 1000); }
    WallTime time() { return WallTime{std::chrono::seconds{static_cast<std::int64_t>(m_random()) - 1'000'000'000}}; }

    std::mt19937 m_random;
};

TEST(Protobuf, carriesEveryKindThereAndBack)
{
    const auto& catalog = Catalog::builtIn();
    RandomDocument random{5};
    std::size_t tried = 0;
    for (const auto& [name, schema] : catalog.definitions()) {
        if (!schema->envelope)
            continue;
        const auto groupVersion = catalog.groupVersionOf(name);
        ASSERT_TRUE(groupVersion) << name;
        for (int round = 0; round < 8; ++round) {
            Object object{{"apiVersion", groupVersion->text()}, {"kind", name.substr(name.rfind('/') + 1)}};
            for (auto& member : random.value(*schema, 5).get_object())
                object.emplace(member.key(), member.value());
            const auto encoded = encodeProtobuf(catalog, object);
            ASSERT_TRUE(encoded) << name << ": " << encoded.error().message << "\n" << writeJson(object);
            const auto decoded = decodeProtobuf(catalog, *encoded);
            ASSERT_TRUE(decoded) << name << ": " << decoded.error().message;
            ASSERT_EQ(writeJson(*decoded), writeJson(object)) << name;
            ++tried;
        }
    }
    EXPECT_GT(tried, 100U);
}

TEST(Protobuf, survivesTruncationAndGarbage)
{
    const auto& catalog = Catalog::builtIn();
    RandomDocument random{6};
    Object object{{"apiVersion", "v1"}, {"kind", "Pod"}};
    for (auto& member : random.value(*catalog.findDefinition("core/v1/Pod"), 3).get_object())
        object.emplace(member.key(), member.value());
    const auto whole = encodeProtobuf(catalog, object).value();
    std::mt19937 chance{1};
    for (int round = 0; round < 400; ++round) {
        auto broken = whole.substr(0, round % 2 ? whole.size() : chance() % whole.size());
        for (unsigned i = 0; i < chance() % 4 && !broken.empty(); ++i)
            broken[chance() % broken.size()] = static_cast<char>(chance());
        const auto result = decodeProtobuf(catalog, broken);
        if (result)
            EXPECT_TRUE(parseJson(writeJson(*result))) << hex(broken);
    }
}

} // namespace
} // namespace keelson::api
