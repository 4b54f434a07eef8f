// SPDX-License-Identifier: Apache-2.0
#include "api/review_resources.h"

#include <vector>

namespace keelson::api {
namespace {

ReviewResource review(const std::string& folder, std::string plural, const std::string& kind, bool namespaced = false)
{
    return {{folder + ".k8s.io", "v1"}, std::move(plural), kind, folder + "/v1/" + kind, namespaced};
}

} // namespace

std::span<const ReviewResource> reviewResources()
{
    static const std::vector<ReviewResource> all{
        {{"", "v1"}, "bindings", "Binding", "core/v1/Binding", true}, // no question, but not stored either
        review("authentication", "selfsubjectreviews", "SelfSubjectReview"),
        review("authentication", "tokenreviews", "TokenReview"),
        review("authorization", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
        review("authorization", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        review("authorization", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        review("authorization", "subjectaccessreviews", "SubjectAccessReview"),
    };
    return all;
}

} // namespace keelson::api
