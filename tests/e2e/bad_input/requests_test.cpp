// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::e2e {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

constexpr const char* configMaps = "/api/v1/namespaces/default/configmaps";
const std::string json = "Content-Type: application/json";
const std::string yaml = "Content-Type: application/yaml";
const std::string protobuf = "Content-Type: application/vnd.kubernetes.protobuf";

std::string repeated(std::string_view text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// What kubectl would not send, and what the server answers to it.
struct Row {
    const char* what;
    const char* method;
    std::string path;
    std::string type;
    std::string body;
    int status;
    const char* says;
    const char* header = "Accept: */*";
};

std::vector<Row> badRequests()
{
    const auto named = [](const std::string& rest) {
        return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"})" + rest + "}";
    };
    const std::string object = configMaps + "/kept"s;
    return {
        Row{"too large", "POST", configMaps, json, named(R"(,"data":{"a":")" + std::string(4 << 20, 'x') + "\"}"), 413,
            "the body of the request is larger than 3 MiB"},
        Row{"too large an object", "POST", configMaps, json,
            named(R"(,"data":{"a":")" + std::string(2 << 20, 'x') + "\"}"), 422, "may not be more than 1048576 bytes"},
        Row{"too deep", "POST", configMaps, json, repeated("[", 100'000), 400, "too deep"},
        Row{"too deep in YAML", "POST", configMaps, yaml, repeated("[", 150) + repeated("]", 150), 400,
            "deeper than 100 levels"},
        Row{"cut off", "POST", configMaps, json, R"({"apiVersion":"v1","kind":"Conf)", 400, "incomplete JSON"},
        Row{"nothing", "POST", configMaps, json, " ", 400, "incomplete JSON"},
        Row{"no UTF-8", "POST", configMaps, json, named(",\"data\":{\"a\":\"\xff\xfe\"}"), 400,
            "the text is not UTF-8"},
        Row{"no UTF-8 in YAML", "POST", configMaps, yaml,
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {a: \"\xff\xfe\"}\n", 400,
            "the text is not UTF-8"},
        Row{"compressed", "POST", configMaps, json, "\x1f\x8b", 415,
            "a body in the encoding \\\"gzip\\\" is not understood", "Content-Encoding: gzip"},
        Row{"a cut off message", "POST", configMaps, protobuf, "k8s\0\x0a\x10\x0a\x02v1"s, 400, "says it has 16 bytes"},
        Row{"an unknown form", "POST", configMaps, "Content-Type: text/plain", "x", 415,
            "the body of the request was in an unknown format"},
        Row{"no object", "POST", configMaps, json, "[]", 400, "the body is no object"},
        Row{"another kind", "POST", configMaps, json, R"({"apiVersion":"v1","kind":"Secret"})", 400,
            "this path takes a ConfigMap of v1"},
        Row{"another namespace", "POST", configMaps, json,
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad","namespace":"kube-system"}})", 400,
            "is not the one of the path"},
        Row{"a key twice", "POST", configMaps + "?fieldValidation=Strict"s, json, named(R"(,"data":{"a":"1","a":"2"})"),
            400, R"(strict decoding error: duplicate field \"data.a\")"},
        Row{"a version of its own", "POST", configMaps, json,
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad","resourceVersion":"1"}})", 400,
            "resourceVersion should not be set on objects to be created"},
        Row{"a collection put", "PUT", configMaps, json, named(""), 405, "PUT of configmaps is not possible"},
        Row{"an unknown method", "BREW", configMaps, json, "", 405, "BREW of configmaps is not possible"},
        Row{"delete in no time", "DELETE", object, json, R"({"gracePeriodSeconds":"soon"})", 400,
            "gracePeriodSeconds: an integer is wanted"},
        Row{"delete in no way", "DELETE", object, json, R"({"propagationPolicy":"Some"})", 422,
            R"(propagationPolicy: Unsupported value: \"Some\")"},
        Row{"a limit of no number", "GET", configMaps + "?limit=x"s, json, "", 400,
            "the parameter limit must be a whole number"},
        Row{"a page of elsewhere", "GET", configMaps + "?limit=1&continue=zz"s, json, "", 400,
            "continue key is not valid"},
        Row{"an unknown path", "GET", "/no/such", json, "", 404, "the server could not find the requested resource"},
    };
}

TEST(BadRequest, isRefusedWithItsCauseAndLeavesNothing)
{
    ControlPlane cluster;
    ASSERT_TRUE(cluster.kubectl({"create", "configmap", "kept", "--from-literal=a=b"}).ok());
    for (const auto& row : badRequests()) {
        const auto answer =
            cluster.curl(row.method, row.path, {"-H", row.type, "-H", row.header, "-H", "Expect:"}, row.body);
        EXPECT_THAT(answer.output, testing::EndsWith(fmt::format("\n{}", row.status))) << row.what << answer.error;
        EXPECT_THAT(answer.output, HasSubstr(row.says)) << row.what;
        EXPECT_THAT(answer.output, HasSubstr(R"("kind":"Status")")) << row.what;
    }
    EXPECT_EQ(cluster.kubectl({"get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}"}).output,
              "kept kube-root-ca.crt");
    EXPECT_THAT(cluster.server().log(), testing::Not(HasSubstr(" error "))) << "no part of the server stumbled over it";
}

TEST(BadRequest, warnsWhereItIsToTakeWhatItDoesNotKnow)
{
    ControlPlane cluster;
    const auto answer = cluster.curl(
        "POST", "/api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Warn", {"-H", json, "-i"},
        R"({"kind":"Pod","metadata":{"name":"p"},"spec":{"foo":1,"foo":2,"containers":[{"name":"c","image":"i"}]}})");
    EXPECT_THAT(answer.output, HasSubstr(R"(Warning: 299 - "unknown field \"spec.foo\"")"));
    EXPECT_THAT(answer.output, HasSubstr(R"(Warning: 299 - "duplicate field \"spec.foo\"")"));
    EXPECT_THAT(answer.output, testing::EndsWith("\n201"));
}

TEST(BadRequest, inPlainHttpIsToldToUseHttps)
{
    ControlPlane cluster;
    const auto answer = support::run({"curl", "-s", "--http1.0", "http://" + cluster.server().apiAddress() + "/"});
    EXPECT_EQ(answer.output, "This server speaks HTTPS; the request came as plain HTTP.\n");
}

} // namespace
} // namespace keelson::e2e
