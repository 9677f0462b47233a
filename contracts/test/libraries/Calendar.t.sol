// SPDX-License-Identifier: MIT OR Apache-2.0
// The closed form of the calendar against counting days one by one.
pragma solidity ^0.8.30;

import {Calendar} from "../../src/libraries/Calendar.sol";
import {Test} from "../support/Test.sol";

contract CalendarTest is Test {
    function lengthOf(uint256 month, uint256 year) internal pure returns (uint256) {
        if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    function test_everyDayFrom1970To2401EqualsCounting() public pure {
        uint256 time;
        for (uint256 year = 1970; year <= 2401; year++) {
            for (uint256 month = 1; month <= 12; month++) {
                uint256 length = lengthOf(month, year);
                for (uint256 day = 1; day <= length; day++) {
                    (uint256 gotMonth, uint256 gotDay) = Calendar.monthAndDay(time);
                    if (gotMonth != month || gotDay != day) revert NotEqual("date", time, month * 100 + day);
                    time += 1 days;
                }
            }
        }
    }

    function test_knownDates() public pure {
        (uint256 month, uint256 day) = Calendar.monthAndDay(951_782_400); // 29 February 2000
        assertEq(month * 100 + day, 229, "leap day of 2000");
        (month, day) = Calendar.monthAndDay(4_107_542_399); // 28 February 2100, 23:59:59
        assertEq(month * 100 + day, 228, "2100 has no leap day");
        (month, day) = Calendar.monthAndDay(4_107_542_400);
        assertEq(month * 100 + day, 301, "1 March 2100");
    }

    function testFuzz_acceptsTheBlocksMonthAndOnTheFirstTheOneBefore(uint40 time) public pure {
        (uint256 month, uint256 day) = Calendar.monthAndDay(time);
        (uint256 before,) = Calendar.monthAndDay(uint256(time) + 400 * 365.2425 days - 1 days);
        for (uint256 m = 0; m <= 13; m++) {
            bool expected = m == month || (day == 1 && m == before);
            assertTrue(Calendar.accepts(m, time) == expected, "accepted months");
        }
    }
}
