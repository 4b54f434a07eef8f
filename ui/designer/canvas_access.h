// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keelson::ui {

class DesignView;

// The canvas as screen readers and other programs see it: its cards and groups are its children, each with its name,
// what it is connected to, its state and what can be done with it. GUI thread.

/// Makes it known to Qt; once is enough.
void installCanvasAccess();
/// The keys have gone to another card.
void tellOfCurrent(DesignView& view);
void tellOfSelection(DesignView& view);
/// Cards or groups have come, gone, or been folded.
void tellOfCards(DesignView& view);

} // namespace keelson::ui
