// SPDX-License-Identifier: MIT OR Apache-2.0
// Forecasts depend on the calendar month, so the gate must know the month of a block.
pragma solidity ^0.8.30;

/// @title Months of Unix times, in UTC and the Gregorian calendar
/// @dev Counts days from 1 March of year 0, so that the leap day is the last of its year. 400 years have 146,097
/// days; within a year that starts in March, month m (0 is March) starts on day floor((153 m + 2) / 5).
library Calendar {
    uint256 private constant DAYS_PER_ERA = 146_097;
    uint256 private constant DAYS_TO_1970 = 719_468;

    /// @notice Month (1 to 12) and day of the month (1 to 31) of a Unix time.
    function monthAndDay(uint256 time) internal pure returns (uint256 month, uint256 day) {
        uint256 dayOfEra = (time / 1 days + DAYS_TO_1970) % DAYS_PER_ERA;
        // Take out the leap days passed so far (every 4 years, not every 100, the last day of the 400), then divide.
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 fromMarch = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * fromMarch + 2) / 5 + 1;
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
    }

    /// @notice Whether a forecast for `month` may act at `time`: in that month, and on the 1st of the next one, so
    /// that a proof made shortly before midnight is not lost.
    function accepts(uint256 month, uint256 time) internal pure returns (bool) {
        (uint256 current, uint256 day) = monthAndDay(time);
        if (month == current) return true;
        return day == 1 && month == (current == 1 ? 12 : current - 1);
    }
}
