// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/card.h"
#include "document/edit.h"

namespace keelson::design {

/// A way for the pods of a workload to use an object: the edits are the workload's.
struct PodOffer {
    std::string title;
    std::vector<document::Edit> edits;
};

/// What the containers of a workload can do with a ConfigMap, a Secret or a claim: variables, files, images. What they
/// do already is left out. Pure.
std::vector<PodOffer> podOffers(const Card& workload, const Card& used);

} // namespace keelson::design
