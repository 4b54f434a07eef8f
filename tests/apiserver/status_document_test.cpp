// SPDX-License-Identifier: Apache-2.0
#include "apiserver/resource_routes.h"
#include "apiserver/status_document.h"

#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

Error told(int code, std::string reason, std::vector<Cause> causes = {})
{
    auto error = makeError(Reason::Forbidden, "no");
    error.told = ToldStatus{code, std::move(reason)};
    error.causes = std::move(causes);
    return error;
}

TEST(StatusDocument, saysWhatIsWrongOrWhatWasTold)
{
    constexpr auto head = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no",)";
    constexpr auto pod = R"("details":{"name":"web","kind":"pods"},)";
    struct Row {
        Error error;
        int code;
        std::string rest;
    };
    for (const auto& [error, code, rest] : {
             Row{makeError(Reason::Forbidden, "no"), 403,
                 std::string(R"("reason":"Forbidden",)") + pod + R"("code":403})"},
             Row{makeError(Reason::Conflict, "no"), 409,
                 std::string(R"("reason":"Conflict",)") + pod + R"("code":409})"},
             Row{makeError(Reason::AlreadyExists, "no"), 409,
                 std::string(R"("reason":"AlreadyExists",)") + pod + R"("code":409})"},
             Row{makeError(Reason::NotFound, "no"), 404,
                 std::string(R"("reason":"NotFound",)") + pod + R"("code":404})"},
             Row{makeError(Reason::Invalid, "no"), 422,
                 R"("reason":"Invalid","details":{"name":"web","kind":"Pod"},"code":422})"},
             Row{makeError(Reason::BadRequest, "no"), 400, R"("reason":"BadRequest","code":400})"},
             Row{makeError(Reason::UnsupportedMediaType, "no"), 415, R"("reason":"UnsupportedMediaType","code":415})"},
             Row{makeError(Reason::InternalError, "no"), 500, R"("reason":"InternalError","code":500})"},
             Row{told(418, "TooBlue", {{"", "blue", ""}}), 418,
                 R"("reason":"TooBlue","details":{"causes":[{"message":"blue"}]},"code":418})"},
             Row{told(400, ""), 400, R"("code":400})"},
         }) {
        const auto response = statusResponse(about(error, *api::Catalog::builtIn().find({"", "v1"}, "Pod"), "web"));
        EXPECT_EQ(response.status, code);
        EXPECT_EQ(response.body.front().bytes, head + rest + "\n");
    }
}

} // namespace
} // namespace keelson::apiserver
