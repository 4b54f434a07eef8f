// SPDX-License-Identifier: Apache-2.0
// Questions about who somebody is and what they may do, as documents.
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

const std::string authorization = "/apis/authorization.k8s.io/v1/";
const std::string authentication = "/apis/authentication.k8s.io/v1/";

class Reviews : public ServedCluster {
protected:
    /// "201", or the code and the message of the refusal.
    void expect(const std::string& path, const std::string& body, int status, const char* words)
    {
        const auto reply = admin().ask("POST", path, body);
        EXPECT_EQ(reply.status, status) << path << body << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words)) << path << body;
    }
};

TEST_F(Reviews, thatAskNothingAreRefused)
{
    struct Row {
        const char* resource;
        const char* body;
        int status;
        const char* words;
    };
    for (
        const auto& [resource, body, status, words] : {
            Row{"subjectaccessreviews", R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}})", 422,
                "at least one of user or group must be specified"},
            Row{"subjectaccessreviews", R"({"spec":{"user":"x"}})", 422,
                "exactly one of nonResourceAttributes or resourceAttributes must be specified"},
            Row{"subjectaccessreviews", R"({"spec":{"user":"x","resourceAttributes":{},"nonResourceAttributes":{}}})",
                422, "cannot be specified in combination with resourceAttributes"},
            Row{"namespaces/default/localsubjectaccessreviews",
                R"({"spec":{"user":"x","resourceAttributes":{"resource":"pods","namespace":"other"}}})", 422,
                "must match metadata.namespace"},
            Row{"namespaces/default/localsubjectaccessreviews",
                R"({"spec":{"user":"x","nonResourceAttributes":{"path":"/x","verb":"get"}}})", 422,
                R"(spec.nonResourceAttributes: Invalid value: {"path":"/x","verb":"get"}: disallowed on this kind)"},
            Row{"namespaces/default/localsubjectaccessreviews",
                R"({"metadata":{"namespace":"other"},"spec":{"user":"x","resourceAttributes":{"namespace":"default"}}})",
                400, "does not match the namespace sent on the request"},
            Row{"namespaces/default/localsubjectaccessreviews",
                R"({"metadata":{"namespace":"default","name":"x"},"spec":{"user":"x","resourceAttributes":{"namespace":"default"}}})",
                422, "must be empty except for namespace"},
            Row{"namespaces/default/localsubjectaccessreviews",
                R"({"metadata":{"namespace":"default"},"spec":{"user":"x","resourceAttributes":{"namespace":"default"}}})",
                201, ""},
            Row{"selfsubjectaccessreviews", R"({"metadata":{"name":"x"},"spec":{"resourceAttributes":{}}})", 422,
                R"(metadata: Invalid value: {"name":"x"}: must be empty)"},
            Row{"selfsubjectaccessreviews",
                R"({"metadata":{"creationTimestamp":null},"spec":{"resourceAttributes":{}}})", 201, ""},
            Row{"selfsubjectrulesreviews", "{}", 400, "no namespace on request"},
            Row{"subjectaccessreviews",
                R"({"spec":{"groups":["system:masters"],"nonResourceAttributes":{"path":"/x","verb":"get"}}})", 201,
                ""},
        })
        expect(authorization + resource, body, status, words);
}

TEST_F(Reviews, ofManyWordsAreAnsweredToo) // on the executor
{
    const std::string name(std::size_t{20} * 1024, 'x');
    const auto ask = [&](const std::string& groups) {
        return admin().ask("POST", authorization + "subjectaccessreviews",
                           R"({"spec":{"groups":[)" + groups +
                               R"(],"nonResourceAttributes":{"path":"/x","verb":"get"}}})");
    };
    EXPECT_THAT(ask("\"" + name + R"(","system:masters")").body, HasSubstr(R"("allowed":true)"));
    EXPECT_THAT(ask("\"" + name + "\"").body, HasSubstr(R"("allowed":false)"));
    EXPECT_EQ(ask("\"" + name).status, 400);
}

TEST_F(Reviews, areHeldToTheirSchema)
{
    const auto self = authorization + "selfsubjectaccessreviews";
    struct Row {
        std::string path;
        const char* body;
        int status;
        const char* words;
    };
    const auto* const unknown = R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods","naem":"x"}}})";
    const auto* const twice = R"({"spec":{"nonResourceAttributes":{"path":"/a","path":"/b","verb":"get"}}})";
    for (const auto& [path, body, status, words] : {
             Row{self + "?fieldValidation=Strict", unknown, 400,
                 R"(strict decoding error: unknown field "spec.resourceAttributes.naem")"},
             Row{self + "?fieldValidation=Strict", twice, 400,
                 R"(strict decoding error: duplicate field "spec.nonResourceAttributes.path")"},
             Row{self + "?fieldValidation=Some", unknown, 422, "fieldValidation: Unsupported value"},
             Row{self, unknown, 201, ""},
             Row{self, R"({"spec":{"resourceAttributes":{"verb":1}}})", 400,
                 "SelfSubjectAccessReview in version \"v1\" cannot be handled as a SelfSubjectAccessReview: "
                 "spec.resourceAttributes.verb: a string is wanted, not a number"},
             Row{self, R"({"spec":"all"})", 400, "spec: an object is wanted, not a string"},
             Row{self, R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1"})", 400,
                 "a SelfSubjectAccessReview of authorization.k8s.io/v1 is wanted here"},
             Row{self, "[]", 400, "the body is not a JSON object"},
             Row{self, "{", 400, "incomplete JSON"},
             Row{authentication + "tokenreviews", R"({"spec":{"token":["x"]}})", 400,
                 "spec.token: a string is wanted, not an array"},
             Row{authentication + "selfsubjectreviews?fieldValidation=Strict", R"({"spec":{}})", 400,
                 R"(unknown field "spec")"},
             Row{"/api/v1/namespaces/default/serviceaccounts/web/token?fieldValidation=Strict", R"({"sepc":{}})", 400,
                 R"(unknown field "sepc")"},
             Row{"/api/v1/namespaces/default/serviceaccounts/web/token", R"({"spec":{"audiences":"vault"}})", 400,
                 "spec.audiences: an array is wanted, not a string"},
             Row{"/api/v1/namespaces/default/pods/p/binding", R"({"target":"n1"})", 400,
                 "target: an object is wanted, not a string"},
         })
        expect(path, body, status, words);
    const auto warned = admin().ask("POST", self, unknown);
    EXPECT_EQ(warned.headers.get("Warning"), R"(299 - "unknown field \"spec.resourceAttributes.naem\"")");
    EXPECT_THAT(
        warned.body,
        testing::StartsWith(R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":)"));
}

TEST_F(Reviews, takeSelectorsInBothForms)
{
    struct Row {
        const char* selector;
        int status;
        const char* words;
    };
    for (const auto& [selector, status, words] : {
             Row{R"("fieldSelector":{"rawSelector":"spec.nodeName=n1"})", 201, ""},
             Row{R"("labelSelector":{"rawSelector":"a=b"})", 201, ""},
             Row{R"("labelSelector":{"requirements":[{"key":"a","operator":"Exists"}]})", 201, ""},
             Row{R"("fieldSelector":{"requirements":[{"key":"a","operator":"Later","values":["b"]}]})", 201, ""},
             Row{R"("fieldSelector":{})", 422,
                 "spec.resourceAttributes.fieldSelector.requirements: Required value: when "
                 "spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required"},
             Row{R"("labelSelector":{"rawSelector":"a","requirements":[{"key":"a","operator":"Exists"}]})", 422,
                 "spec.resourceAttributes.labelSelector.rawSelector: Invalid value: \"a\": may not specified at the "
                 "same time as requirements"},
             Row{R"("fieldSelector":{"requirements":[{"operator":"In","values":["b"]}]})", 422,
                 "spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified"},
             Row{R"("fieldSelector":{"requirements":[{"key":"a","operator":"In"}]})", 422,
                 "requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"},
             Row{R"("labelSelector":{"requirements":[{"key":"a","operator":"Exists","values":["b"]}]})", 422,
                 "requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or "
                 "'DoesNotExist'"},
         })
        expect(authorization + "selfsubjectaccessreviews",
               fmt::format(R"({{"spec":{{"resourceAttributes":{{"verb":"list","resource":"pods",{}}}}}}})", selector),
               status, words);
}

/// The pods of its own node are all that a node may list.
TEST_F(Reviews, selectorsNarrowWhatNodesAskFor)
{
    const auto allowed = [&](const char* selector) {
        const auto reply = admin().ask("POST", authorization + "subjectaccessreviews",
                                       fmt::format(R"({{"spec":{{"user":"system:node:n1","groups":["system:nodes"],
                "resourceAttributes":{{"verb":"list","resource":"pods"{}}}}}}})",
                                                   selector));
        return api::boolAt(json(reply.body), {"status", "allowed"});
    };
    const auto required = [](const char* operation, const char* node) {
        return fmt::format(R"(,"fieldSelector":{{"requirements":[{{"key":"spec.nodeName","operator":"{}",
            "values":["{}"]}}]}})",
                           operation, node);
    };
    EXPECT_FALSE(allowed(""));
    EXPECT_TRUE(allowed(R"(,"fieldSelector":{"rawSelector":"spec.nodeName=n1"})"));
    EXPECT_FALSE(allowed(R"(,"fieldSelector":{"rawSelector":"spec.nodeName=n2"})"));
    EXPECT_TRUE(allowed(required("In", "n1").c_str()));
    EXPECT_FALSE(allowed(required("In", "n1,n2").c_str()));
    EXPECT_FALSE(allowed(required("NotIn", "n1").c_str()));
}

} // namespace
} // namespace keelson::apiserver
